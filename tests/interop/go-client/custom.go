package main

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/restmapper"
)

const group = "interop.example.com"

func crd() *unstructured.Unstructured {
	text := map[string]any{"type": "string", "default": "small", "enum": []any{"small", "large"}}
	count := map[string]any{"type": "integer", "minimum": int64(0)}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "widgets." + group},
		"spec": map[string]any{
			"group": group, "scope": "Namespaced",
			"names": map[string]any{"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList", "shortNames": []any{"wd"}, "categories": []any{"all"}},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"subresources": map[string]any{"status": map[string]any{}, "scale": map[string]any{"specReplicasPath": ".spec.count", "statusReplicasPath": ".status.count"}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object",
					"properties": map[string]any{
						"spec":   map[string]any{"type": "object", "required": []any{"count"}, "properties": map[string]any{"size": text, "count": count}, "x-kubernetes-validations": []any{map[string]any{"rule": "self.size == 'large' || self.count < 10", "message": "only large widgets count to ten"}}},
						"status": map[string]any{"type": "object", "properties": map[string]any{"count": count}},
					},
				}},
			}},
		},
	}}
}

func widget(name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": group + "/v1", "kind": "Widget", "metadata": map[string]any{"name": name, "labels": map[string]any{"part": "interop"}}, "spec": spec}}
}

// customResources declares a kind and uses it as any other.
func customResources(ctx context.Context, w *world) error {
	client, err := dynamic.NewForConfig(w.config)
	if err != nil {
		return err
	}
	crds := client.Resource(crdResource)
	if _, err := crds.Create(ctx, crd(), metav1.CreateOptions{}); err != nil {
		return err
	}
	defer func() { _ = crds.Delete(context.Background(), "widgets."+group, metav1.DeleteOptions{}) }()
	if err := eventually(ctx, "the definition established", func() (bool, error) {
		now, err := crds.Get(ctx, "widgets."+group, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		conditions, _, _ := unstructured.NestedSlice(now.Object, "status", "conditions")
		for _, each := range conditions {
			condition := each.(map[string]any)
			if condition["type"] == "Established" && condition["status"] == "True" {
				return true, nil
			}
		}
		return false, nil
	}); err != nil {
		return err
	}
	if err := eventually(ctx, "the kind discovered", func() (bool, error) {
		groups, err := restmapper.GetAPIGroupResources(w.client.Discovery())
		if err != nil {
			return false, err
		}
		_, err = restmapper.NewDiscoveryRESTMapper(groups).RESTMapping(schema.GroupKind{Group: group, Kind: "Widget"})
		if meta.IsNoMatchError(err) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return err
	}
	resource := schema.GroupVersionResource{Group: group, Version: "v1", Resource: "widgets"}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, w.namespace, interopOnly)
	seen := &tally{}
	if _, err := factory.ForResource(resource).Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	widgets := client.Resource(resource).Namespace(w.namespace)
	created, err := widgets.Create(ctx, widget("one", map[string]any{"count": int64(3), "unknown": "pruned"}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	size, _, _ := unstructured.NestedString(created.Object, "spec", "size")
	_, unknown, _ := unstructured.NestedString(created.Object, "spec", "unknown")
	_, required := widgets.Create(ctx, widget("two", map[string]any{"size": "medium"}), metav1.CreateOptions{})
	_, rule := widgets.Create(ctx, widget("two", map[string]any{"count": int64(20)}), metav1.CreateOptions{})
	if err := errors.Join(
		expect(size == "small" && !unknown && created.GetGeneration() == 1, "created: %v", created.Object),
		expect(apierrors.IsInvalid(required), "missing field: %v", required),
		expect(apierrors.IsInvalid(rule), "broken rule: %v", rule),
	); err != nil {
		return err
	}
	_ = unstructured.SetNestedField(created.Object, int64(3), "status", "count")
	_ = unstructured.SetNestedField(created.Object, int64(4), "spec", "count")
	updated, err := widgets.UpdateStatus(ctx, created, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	count, _, _ := unstructured.NestedInt64(updated.Object, "spec", "count")
	scale, err := widgets.Get(ctx, "one", metav1.GetOptions{}, "scale")
	if err != nil {
		return err
	}
	replicas, _, _ := unstructured.NestedInt64(scale.Object, "spec", "replicas")
	if err := widgets.Delete(ctx, "one", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return errors.Join(
		expect(count == 3, "a status update leaves the spec alone: %d", count),
		expect(scale.GetKind() == "Scale" && replicas == 3, "scale: %v", scale.Object),
		eventually(ctx, "one added and deleted", func() (bool, error) { return seen.is(1, 1, 1), nil }),
	)
}
