package main

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsv1apply "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	metav1apply "k8s.io/client-go/applyconfigurations/meta/v1"
)

// applyConfigurations owns fields with typed apply configurations: conflicts, force, extraction, removal.
func applyConfigurations(ctx context.Context, w *world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	labels := map[string]string{"app": "web"}
	desired := appsv1apply.Deployment("web", w.namespace).
		WithAnnotations(map[string]string{"example.com/owner": "team-a"}).
		WithSpec(appsv1apply.DeploymentSpec().
			WithReplicas(1).
			WithSelector(metav1apply.LabelSelector().WithMatchLabels(labels)).
			WithTemplate(corev1apply.PodTemplateSpec().
				WithLabels(labels).
				WithSpec(corev1apply.PodSpec().WithContainers(corev1apply.Container().WithName("web").WithImage("nginx:1.27").
					WithPorts(corev1apply.ContainerPort().WithContainerPort(80))))))
	first, err := deployments.Apply(ctx, desired, metav1.ApplyOptions{FieldManager: "team-a"})
	if err != nil {
		return err
	}
	again, err := deployments.Apply(ctx, desired, metav1.ApplyOptions{FieldManager: "team-a"})
	if err != nil {
		return err
	}
	if err := expect(again.Generation == first.Generation, "an apply of the same bumped the generation %d to %d", first.Generation, again.Generation); err != nil {
		return err
	}
	theirs := appsv1apply.Deployment("web", w.namespace).WithSpec(appsv1apply.DeploymentSpec().WithReplicas(5))
	_, err = deployments.Apply(ctx, theirs, metav1.ApplyOptions{FieldManager: "team-b"})
	if err := expect(apierrors.IsConflict(err), "two owners of replicas: %v", err); err != nil {
		return err
	}
	var status apierrors.APIStatus
	errors.As(err, &status)
	causes := status.Status().Details.Causes
	if err := expect(len(causes) == 1 && causes[0].Type == metav1.CauseTypeFieldManagerConflict && causes[0].Field == ".spec.replicas" &&
		causes[0].Message == `conflict with "team-a"`, "causes: %+v", causes); err != nil {
		return err
	}
	forced, err := deployments.Apply(ctx, theirs, metav1.ApplyOptions{FieldManager: "team-b", Force: true})
	if err != nil {
		return err
	}
	extracted, err := appsv1apply.ExtractDeployment(forced, "team-a")
	if err != nil {
		return err
	}
	if err := errors.Join(
		expect(*forced.Spec.Replicas == 5, "forced to %d", *forced.Spec.Replicas),
		expect(extracted.Spec.Replicas == nil, "team-a has lost its replicas"),
		expect(*extracted.Spec.Template.Spec.Containers[0].Image == "nginx:1.27", "team-a keeps its image: %+v", extracted.Spec.Template.Spec),
		expect(*extracted.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort == 80, "and its port"),
	); err != nil {
		return err
	}
	// What a manager no longer mentions goes, unless another owns it too.
	extracted.Annotations = nil
	removed, err := deployments.Apply(ctx, extracted, metav1.ApplyOptions{FieldManager: "team-a"})
	if err != nil {
		return err
	}
	_, kept := removed.Annotations["example.com/owner"]
	if err := errors.Join(
		expect(!kept, "the annotation is gone: %v", removed.Annotations),
		expect(*removed.Spec.Replicas == 5, "replicas stay team-b's: %d", *removed.Spec.Replicas),
	); err != nil {
		return err
	}
	condition := appsv1apply.DeploymentCondition().WithType("example.com/Checked").WithStatus("True").WithReason("Looked").WithMessage("fine")
	checked, err := deployments.ApplyStatus(ctx, appsv1apply.Deployment("web", w.namespace).WithStatus(appsv1apply.DeploymentStatus().WithConditions(condition)),
		metav1.ApplyOptions{FieldManager: "checker", Force: true})
	if err != nil {
		return err
	}
	found := false
	for _, each := range checked.ManagedFields {
		found = found || (each.Manager == "checker" && each.Subresource == "status" && each.Operation == metav1.ManagedFieldsOperationApply)
	}
	return expect(found, "the status has its own manager: %+v", checked.ManagedFields)
}
