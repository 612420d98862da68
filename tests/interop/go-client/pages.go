package main

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
)

// pages lists in chunks: all objects once, a stable snapshot, and honest counts.
func pages(ctx context.Context, w *world) error {
	configMaps := w.client.CoreV1().ConfigMaps(w.namespace)
	for i := range 25 {
		if _, err := configMaps.Create(ctx, configMap(fmt.Sprintf("c%02d", i)), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	first, err := configMaps.List(ctx, metav1.ListOptions{LabelSelector: "part=interop", Limit: 10})
	if err != nil {
		return err
	}
	everything, err := configMaps.List(ctx, metav1.ListOptions{Limit: 10})
	if err != nil {
		return err
	}
	if err := errors.Join(
		expect(len(first.Items) == 10 && first.Continue != "", "%d items, continue %q", len(first.Items), first.Continue),
		expect(first.RemainingItemCount == nil, "a selected list does not count what remains"),
		expect(everything.RemainingItemCount != nil && *everything.RemainingItemCount >= 15, "remaining: %v", everything.RemainingItemCount),
	); err != nil {
		return err
	}
	if _, err := configMaps.Create(ctx, configMap("c99"), metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := configMaps.Delete(ctx, "c12", metav1.DeleteOptions{}); err != nil {
		return err
	}
	second, err := configMaps.List(ctx, metav1.ListOptions{LabelSelector: "part=interop", Limit: 100, Continue: first.Continue})
	if err != nil {
		return err
	}
	if err := expect(len(second.Items) == 15 && second.ResourceVersion == first.ResourceVersion, "the snapshot has %d more at %s, began at %s", len(second.Items), second.ResourceVersion, first.ResourceVersion); err != nil {
		return err
	}
	names := map[string]bool{}
	err = pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return configMaps.List(ctx, options)
	}).EachListItem(ctx, metav1.ListOptions{LabelSelector: "part=interop", Limit: 7}, func(object runtime.Object) error {
		names[object.(*corev1.ConfigMap).Name] = true
		return nil
	})
	if err != nil {
		return err
	}
	_, broken := configMaps.List(ctx, metav1.ListOptions{Limit: 5, Continue: "broken"})
	_, both := configMaps.List(ctx, metav1.ListOptions{Limit: 5, Continue: first.Continue, ResourceVersion: "1"})
	exact, err := configMaps.List(ctx, metav1.ListOptions{LabelSelector: "part=interop", ResourceVersion: first.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	if err != nil {
		return err
	}
	_, future := configMaps.List(ctx, metav1.ListOptions{ResourceVersion: "999999999", ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan})
	return errors.Join(
		expect(len(names) == 25, "%d names by pages", len(names)),
		expect(len(exact.Items) == 25, "%d at the exact version", len(exact.Items)),
		expect(apierrors.IsBadRequest(broken), "a broken token: %v", broken),
		expect(apierrors.IsBadRequest(both), "a token and a version: %v", both),
		expect(apierrors.IsTimeout(future) && apierrors.HasStatusCause(future, metav1.CauseTypeResourceVersionTooLarge), "a version of the future: %v", future),
	)
}
