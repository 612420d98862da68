package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/restmapper"
	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/util/proto"
)

// discoveryDocuments compares aggregated with unaggregated discovery, and maps kinds to resources and back.
func discoveryDocuments(_ context.Context, w *world) error {
	aggregated := w.client.Discovery().(*discovery.DiscoveryClient)
	groups, resources, err := aggregated.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	legacy := discovery.NewDiscoveryClient(aggregated.RESTClient())
	legacy.UseLegacyDiscovery = true
	legacyGroups, legacyResources, err := legacy.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	if err := expect(len(groups) == len(legacyGroups), "%d groups aggregated, %d one by one", len(groups), len(legacyGroups)); err != nil {
		return err
	}
	byVersion := map[string]*metav1.APIResourceList{}
	for _, list := range legacyResources {
		byVersion[list.GroupVersion] = list
	}
	for i, group := range groups {
		if err := expect(apiequality.Semantic.DeepEqual(group.Versions, legacyGroups[i].Versions) && group.PreferredVersion == legacyGroups[i].PreferredVersion,
			"group %s: %+v, one by one %s: %+v", group.Name, group.Versions, legacyGroups[i].Name, legacyGroups[i].Versions); err != nil {
			return err
		}
	}
	var problems []error
	for _, list := range resources {
		other := byVersion[list.GroupVersion]
		if other == nil {
			return fmt.Errorf("%s is in aggregated discovery only", list.GroupVersion)
		}
		known := map[string]metav1.APIResource{}
		for _, each := range other.APIResources {
			each.StorageVersionHash = "" // aggregated discovery has none
			known[each.Name] = each
		}
		for _, each := range list.APIResources {
			twin := known[each.Name]
			if strings.Contains(each.Name, "/") {
				each.SingularName = "" // client-go gives subresources the parent's
			}
			if twin.Group == "" {
				each.Group = ""
			}
			if twin.Version == "" {
				each.Version = ""
			}
			if !apiequality.Semantic.DeepEqual(each, twin) {
				problems = append(problems, fmt.Errorf("%s %s: %+v, one by one %+v", list.GroupVersion, each.Name, each, twin))
			}
		}
		problems = append(problems, expect(len(known) == len(list.APIResources), "%s: %d and %d resources", list.GroupVersion, len(list.APIResources), len(known)))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	// Every served kind is one that client-go knows under the same group and version.
	for _, list := range resources {
		version, _ := schema.ParseGroupVersion(list.GroupVersion)
		for _, each := range list.APIResources {
			kind := version.WithKind(each.Kind)
			if each.Group != "" || each.Version != "" {
				kind = schema.GroupVersionKind{Group: each.Group, Version: each.Version, Kind: each.Kind}
			}
			if version.Group == "apiextensions.k8s.io" || version.Group == "apiregistration.k8s.io" || !scheme.Scheme.IsVersionRegistered(version) {
				continue
			}
			if err := expect(scheme.Scheme.Recognizes(kind), "client-go does not know %v of %s", kind, each.Name); err != nil {
				return err
			}
		}
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(w.client.Discovery()))
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	if err != nil {
		return err
	}
	kind, err := mapper.KindFor(schema.GroupVersionResource{Resource: "ing"})
	shortcut := restmapper.NewShortcutExpander(mapper, w.client.Discovery(), nil)
	ingress, shortErr := shortcut.KindFor(schema.GroupVersionResource{Resource: "ing"})
	return errors.Join(
		expect(mapping.Resource.String() == "apps/v1, Resource=deployments" && mapping.Scope.Name() == "namespace", "mapping: %+v", mapping),
		expect(err != nil, "ing is a short name, not a resource: %v", kind),
		shortErr,
		expect(ingress.Kind == "Ingress", "ing: %v", ingress),
	)
}

// openAPI reads the documents in both versions in Protobuf, and builds a schema from each as kubectl and controllers do.
func openAPI(_ context.Context, w *world) error {
	document, err := w.client.Discovery().OpenAPISchema()
	if err != nil {
		return err
	}
	models, err := proto.NewOpenAPIData(document)
	if err != nil {
		return err
	}
	if err := expect(len(models.ListModels()) > 500, "%d models", len(models.ListModels())); err != nil {
		return err
	}
	types, err := schemaconv.ToSchema(models)
	if err != nil {
		return err
	}
	pod, ok := types.FindNamedType("io.k8s.api.core.v1.PodSpec")
	if err := expect(ok && pod.Map != nil, "no PodSpec in the typed schema"); err != nil {
		return err
	}
	containers, ok := pod.Map.FindField("containers")
	if err := expect(ok && containers.Type.Inlined.List != nil && len(containers.Type.Inlined.List.Keys) == 1, "containers are a list map: %+v", containers); err != nil {
		return err
	}
	paths, err := w.client.Discovery().OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	for path, version := range paths {
		for _, mediaType := range []string{"application/json", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"} {
			bytes, err := version.Schema(mediaType)
			if err != nil {
				return fmt.Errorf("%s as %s: %w", path, mediaType, err)
			}
			if len(bytes) < 500 {
				return fmt.Errorf("%s as %s: %d bytes", path, mediaType, len(bytes))
			}
		}
	}
	return nil
}
