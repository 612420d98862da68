package main

import (
	"context"
	"errors"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
)

// reviews asks for a service account's token, is that service account, and asks what it may do.
func reviews(ctx context.Context, w *world) error {
	accounts := w.client.CoreV1().ServiceAccounts(w.namespace)
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "list"}}}}
	if _, err := w.client.RbacV1().Roles(w.namespace).Create(ctx, role, metav1.CreateOptions{}); err != nil {
		return err
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "robot-reads"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "robot", Namespace: w.namespace}},
	}
	if _, err := w.client.RbacV1().RoleBindings(w.namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return err
	}
	token, err := accounts.CreateToken(ctx, "robot", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](600)}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	name := "system:serviceaccount:" + w.namespace + ":robot"
	review, err := w.client.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token.Status.Token}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if err := errors.Join(
		expect(token.Status.ExpirationTimestamp.After(time.Now()), "the token has expired: %v", token.Status.ExpirationTimestamp),
		expect(review.Status.Authenticated && review.Status.User.Username == name, "review: %+v", review.Status),
	); err != nil {
		return err
	}
	config := rest.AnonymousClientConfig(w.config)
	config.BearerToken = token.Status.Token
	robot, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// The authorizer hears of new bindings a moment later.
	if err := eventually(ctx, "the robot may list", func() (bool, error) {
		_, err := robot.CoreV1().ConfigMaps(w.namespace).List(ctx, metav1.ListOptions{LabelSelector: labels.Everything().String()})
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return err
	}
	_, secrets := robot.CoreV1().Secrets(w.namespace).List(ctx, metav1.ListOptions{})
	want := `secrets is forbidden: User "` + name + `" cannot list resource "secrets" in API group "" in the namespace "` + w.namespace + `"`
	may, err := robot.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: w.namespace, Verb: "get", Resource: "configmaps"}},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	self, err := robot.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return errors.Join(
		expect(apierrors.IsForbidden(secrets) && secrets.Error() == want, "secrets: %v", secrets),
		expect(may.Status.Allowed, "it may get config maps: %+v", may.Status),
		expect(self.Status.UserInfo.Username == name, "self: %+v", self.Status.UserInfo),
	)
}
