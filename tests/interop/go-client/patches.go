package main

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/util/retry"
)

func intOrString(value int) intstr.IntOrString { return intstr.FromInt32(int32(value)) }

// patches sends each of the three patch types.
func patches(ctx context.Context, w *world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(ctx, deployment("web", 0), metav1.CreateOptions{}); err != nil {
		return err
	}
	strategic := `{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"busybox"}]}}}}`
	now, err := deployments.Patch(ctx, "web", types.StrategicMergePatchType, []byte(strategic), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	if err := expect(len(now.Spec.Template.Spec.Containers) == 2, "a strategic merge patch merges by name: %+v", now.Spec.Template.Spec.Containers); err != nil {
		return err
	}
	merge := `{"spec":{"template":{"spec":{"containers":[{"name":"only","image":"busybox"}]}}}}`
	if now, err = deployments.Patch(ctx, "web", types.MergePatchType, []byte(merge), metav1.PatchOptions{}); err != nil {
		return err
	}
	if err := expect(len(now.Spec.Template.Spec.Containers) == 1, "a merge patch replaces lists: %+v", now.Spec.Template.Spec.Containers); err != nil {
		return err
	}
	json := `[{"op":"test","path":"/spec/replicas","value":0},{"op":"remove","path":"/spec/none/at/all"}]`
	_, err = deployments.Patch(ctx, "web", types.JSONPatchType, []byte(json), metav1.PatchOptions{})
	if err := expect(apierrors.IsInvalid(err), "removing what is not there: %v", err); err != nil {
		return err
	}
	json = `[{"op":"test","path":"/spec/replicas","value":0},{"op":"add","path":"/spec/paused","value":true}]`
	if now, err = deployments.Patch(ctx, "web", types.JSONPatchType, []byte(json), metav1.PatchOptions{}); err != nil {
		return err
	}
	_, missing := deployments.Patch(ctx, "none", types.MergePatchType, []byte(`{}`), metav1.PatchOptions{})
	return errors.Join(
		expect(now.Spec.Paused, "a JSON patch sets what it adds"),
		expect(apierrors.IsNotFound(missing), "patched what is not there: %v", missing),
	)
}

// conflicts lets writers race for one object, each retrying on conflict.
func conflicts(ctx context.Context, w *world) error {
	configMaps := w.client.CoreV1().ConfigMaps(w.namespace)
	if _, err := configMaps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "shared"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	const writers = 8
	done := make(chan error, writers)
	for i := range writers {
		go func() {
			backoff := retry.DefaultBackoff
			backoff.Steps = 20
			done <- retry.RetryOnConflict(backoff, func() error {
				now, err := configMaps.Get(ctx, "shared", metav1.GetOptions{})
				if err != nil {
					return err
				}
				if now.Data == nil {
					now.Data = map[string]string{}
				}
				now.Data[fmt.Sprintf("writer-%d", i)] = "was here"
				_, err = configMaps.Update(ctx, now, metav1.UpdateOptions{})
				return err
			})
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			return err
		}
	}
	now, err := configMaps.Get(ctx, "shared", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return expect(len(now.Data) == writers, "%d of %d writes are there", len(now.Data), writers)
}
