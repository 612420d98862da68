package main

import (
	"context"
	"errors"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
)

func deployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(replicas),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.27"}}},
			},
		},
	}
}

func pod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name:  "main",
			Image: "nginx:1.27",
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m")},
			},
		}}},
	}
}

// typed creates, reads, lists, updates and deletes in Protobuf.
func typed(ctx context.Context, w *world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	created, err := deployments.Create(ctx, deployment("web", 2), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if err := errors.Join(
		expect(created.UID != "" && created.ResourceVersion != "" && created.Generation == 1, "metadata: %+v", created.ObjectMeta),
		expect(created.Kind == "", "a typed answer has no kind, has %q", created.Kind),
		expect(created.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType, "strategy: %v", created.Spec.Strategy),
		expect(*created.Spec.RevisionHistoryLimit == 10, "history: %d", *created.Spec.RevisionHistoryLimit),
	); err != nil {
		return err
	}
	if err := eventually(ctx, "two pods available", func() (bool, error) {
		now, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		return err == nil && now.Status.AvailableReplicas == 2, err
	}); err != nil {
		return err
	}
	list, err := w.client.CoreV1().Pods(w.namespace).List(ctx, metav1.ListOptions{LabelSelector: "app in (web)", FieldSelector: "status.phase=Running"})
	if err != nil {
		return err
	}
	if err := expect(len(list.Items) == 2 && list.ResourceVersion != "", "%d pods at %q", len(list.Items), list.ResourceVersion); err != nil {
		return err
	}
	_, err = deployments.Create(ctx, deployment("web", 1), metav1.CreateOptions{})
	if err := expect(apierrors.IsAlreadyExists(err), "created twice: %v", err); err != nil {
		return err
	}
	dry, err := deployments.Create(ctx, deployment("dry", 1), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return err
	}
	_, err = deployments.Get(ctx, "dry", metav1.GetOptions{})
	if err := errors.Join(
		expect(dry.UID != "", "a dry run answers with a whole object"),
		expect(apierrors.IsNotFound(err), "a dry run must not store: %v", err),
	); err != nil {
		return err
	}
	if err := w.client.CoreV1().Pods(w.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "app=none"}); err != nil {
		return err
	}
	foreground := metav1.DeletePropagationForeground
	uid := created.UID
	wrong := types.UID("not-this-one")
	err = deployments.Delete(ctx, "web", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &wrong}})
	if err := expect(apierrors.IsConflict(err), "deleted with a wrong UID: %v", err); err != nil {
		return err
	}
	err = deployments.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &foreground, Preconditions: &metav1.Preconditions{UID: &uid}})
	if err != nil {
		return err
	}
	return eventually(ctx, "deployment and pods gone", func() (bool, error) {
		_, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return false, err
		}
		pods, err := w.client.CoreV1().Pods(w.namespace).List(ctx, metav1.ListOptions{})
		return err == nil && len(pods.Items) == 0, err
	})
}

// subresources scales, sets a status, evicts within a budget and adds an ephemeral container.
func subresources(ctx context.Context, w *world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(ctx, deployment("web", 1), metav1.CreateOptions{}); err != nil {
		return err
	}
	scale, err := deployments.GetScale(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := expect(scale.Spec.Replicas == 1 && scale.Status.Selector == "app=web", "scale: %+v", scale); err != nil {
		return err
	}
	// The scale has the version of its Deployment, which a controller may have written meanwhile.
	if err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if scale, err = deployments.GetScale(ctx, "web", metav1.GetOptions{}); err != nil {
			return err
		}
		scale.Spec.Replicas = 3
		scale, err = deployments.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{})
		return err
	}); err != nil {
		return err
	}
	if err := expect(scale.Spec.Replicas == 3, "scaled to %d", scale.Spec.Replicas); err != nil {
		return err
	}
	stale := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: w.namespace, ResourceVersion: "1"}, Spec: autoscalingv1.ScaleSpec{Replicas: 2}}
	_, err = deployments.UpdateScale(ctx, "web", stale, metav1.UpdateOptions{})
	if err := expect(apierrors.IsConflict(err), "scaled from a stale version: %v", err); err != nil {
		return err
	}
	pods := w.client.CoreV1().Pods(w.namespace)
	if _, err := pods.Create(ctx, pod("single"), metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := running(ctx, w, "single"); err != nil {
		return err
	}
	single, err := pods.Get(ctx, "single", metav1.GetOptions{})
	if err != nil {
		return err
	}
	single.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debugger", Image: "busybox"}}}
	if single, err = pods.UpdateEphemeralContainers(ctx, "single", single, metav1.UpdateOptions{}); err != nil {
		return err
	}
	single.Status.Conditions = append(single.Status.Conditions, corev1.PodCondition{Type: "example.com/Checked", Status: corev1.ConditionTrue})
	if _, err = pods.UpdateStatus(ctx, single, metav1.UpdateOptions{}); err != nil && !apierrors.IsConflict(err) {
		return err
	}
	budget := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "all"},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: ptr.To(intOrString(0)),
			Selector:       &metav1.LabelSelector{MatchLabels: map[string]string{"app": "single"}},
		},
	}
	if _, err := w.client.PolicyV1().PodDisruptionBudgets(w.namespace).Create(ctx, budget, metav1.CreateOptions{}); err != nil {
		return err
	}
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "single", Namespace: w.namespace}}
	err = pods.EvictV1(ctx, eviction)
	if err := expect(apierrors.IsTooManyRequests(err), "evicted against the budget: %v", err); err != nil {
		return err
	}
	if err := w.client.PolicyV1().PodDisruptionBudgets(w.namespace).Delete(ctx, "all", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := pods.EvictV1(ctx, eviction); err != nil {
		return err
	}
	return eventually(ctx, "evicted pod gone", func() (bool, error) {
		_, err := pods.Get(ctx, "single", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}

func running(ctx context.Context, w *world, name string) error {
	return eventually(ctx, name+" running", func() (bool, error) {
		now, err := w.client.CoreV1().Pods(w.namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && now.Status.Phase == corev1.PodRunning, err
	})
}
