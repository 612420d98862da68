package main

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// errorsOfTheAPI checks that client-go's predicates recognise what the server refuses.
func errorsOfTheAPI(ctx context.Context, w *world) error {
	pods := w.client.CoreV1().Pods(w.namespace)
	_, missing := pods.Get(ctx, "none", metav1.GetOptions{})
	_, unnamed := pods.Create(ctx, &corev1.Pod{Spec: pod("x").Spec}, metav1.CreateOptions{})
	_, empty := pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "empty"}}, metav1.CreateOptions{})
	_, nowhere := w.client.CoreV1().Pods("no-such-namespace").Create(ctx, pod("x"), metav1.CreateOptions{})
	elsewhere := pod("x")
	elsewhere.Namespace = "other"
	_, mismatch := pods.Create(ctx, elsewhere, metav1.CreateOptions{})
	first, err := pods.Create(ctx, pod("one"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	renamed := first.DeepCopy()
	renamed.ResourceVersion = "" // whatever the scheduler and the kubelet have written meanwhile
	renamed.Spec.Containers[0].Name = "other"
	_, immutable := pods.Update(ctx, renamed, metav1.UpdateOptions{})
	first.ResourceVersion = "1"
	_, conflict := pods.Update(ctx, first, metav1.UpdateOptions{})
	return errors.Join(
		expect(apierrors.IsNotFound(missing) && missing.Error() == `pods "none" not found`, "missing: %v", missing),
		expect(apierrors.IsInvalid(unnamed), "without a name: %v", unnamed),
		expect(apierrors.IsInvalid(empty) && apierrors.HasStatusCause(empty, metav1.CauseTypeFieldValueRequired), "without containers: %v", empty),
		expect(apierrors.IsNotFound(nowhere) && nowhere.Error() == `namespaces "no-such-namespace" not found`, "no namespace: %v", nowhere),
		expect(apierrors.IsBadRequest(mismatch), "namespace of path and body: %v", mismatch),
		expect(apierrors.IsInvalid(immutable), "immutable: %v", immutable),
		expect(apierrors.IsConflict(conflict), "conflict: %v", conflict),
	)
}
