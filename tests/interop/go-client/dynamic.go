package main

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

var (
	configMapsResource = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	crdResource        = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
)

// dynamicClient works without types: CRUD, apply, and an informer.
func dynamicClient(ctx context.Context, w *world) error {
	client, err := dynamic.NewForConfig(w.config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, time.Minute, w.namespace, interopOnly)
	informer := factory.ForResource(configMapsResource)
	seen := &tally{}
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.Informer().HasSynced) {
		return errors.New("did not sync")
	}
	if err := followChanges(ctx, w, seen); err != nil {
		return err
	}
	applied, err := client.Resource(configMapsResource).Namespace(w.namespace).Apply(ctx, "applied", &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "applied"},
		"data":     map[string]any{"k": "v"},
	}}, metav1.ApplyOptions{FieldManager: "dynamic"})
	if err != nil {
		return err
	}
	return errors.Join(
		expect(applied.GetKind() == "ConfigMap" && applied.GetAPIVersion() == "v1", "kind: %v", applied.GroupVersionKind()),
		expect(len(applied.GetManagedFields()) == 1 && applied.GetManagedFields()[0].Manager == "dynamic", "managers: %v", applied.GetManagedFields()),
	)
}

// metadataClient lists, patches, watches and deletes by metadata alone.
func metadataClient(ctx context.Context, w *world) error {
	client, err := metadata.NewForConfig(w.config)
	if err != nil {
		return err
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, time.Minute, w.namespace, interopOnly)
	informer := factory.ForResource(configMapsResource)
	seen := &tally{}
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.Informer().HasSynced) {
		return errors.New("did not sync")
	}
	if err := followChanges(ctx, w, seen); err != nil {
		return err
	}
	configMaps := client.Resource(configMapsResource).Namespace(w.namespace)
	patched, err := configMaps.Patch(ctx, "c1", types.MergePatchType, []byte(`{"metadata":{"labels":{"seen":"yes"}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	list, err := configMaps.List(ctx, metav1.ListOptions{LabelSelector: "seen=yes"})
	if err != nil {
		return err
	}
	if err := errors.Join(
		expect(patched.Labels["seen"] == "yes" && patched.UID != "", "patched: %+v", patched),
		expect(len(list.Items) == 1 && list.Items[0].Name == "c1", "listed: %+v", list.Items),
	); err != nil {
		return err
	}
	if err := configMaps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "part=interop"}); err != nil {
		return err
	}
	_, err = configMaps.Get(ctx, "c1", metav1.GetOptions{})
	return expect(apierrors.IsNotFound(err), "the collection is gone: %v", err)
}
