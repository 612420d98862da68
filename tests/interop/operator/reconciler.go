package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"pilothouse/interop/operator/api"
)

const finalizer = "interop.pilothouse.dev/farewell"

// reconciler makes a ConfigMap and a Deployment of each Greeting, and says farewell when it goes.
type reconciler struct {
	client.Client
	events events.EventRecorder
}

func (r *reconciler) register(mgr ctrl.Manager, name string) error {
	return ctrl.NewControllerManagedBy(mgr).Named(name).
		For(&api.Greeting{}).Owns(&corev1.ConfigMap{}).Owns(&appsv1.Deployment{}).Complete(r)
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	greeting := &api.Greeting{}
	if err := r.Get(ctx, request.NamespacedName, greeting); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !greeting.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.farewell(ctx, greeting)
	}
	if controllerutil.AddFinalizer(greeting, finalizer) {
		if err := r.Update(ctx, greeting); err != nil {
			return ctrl.Result{}, err
		}
	}
	if err := r.applyChildren(ctx, greeting); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.report(ctx, greeting)
}

func (r *reconciler) applyChildren(ctx context.Context, greeting *api.Greeting) error {
	owner := metaapply.OwnerReference().WithAPIVersion(api.V1.String()).WithKind("Greeting").
		WithName(greeting.Name).WithUID(greeting.UID).WithController(true).WithBlockOwnerDeletion(true)
	config := coreapply.ConfigMap(greeting.Name, greeting.Namespace).WithOwnerReferences(owner).
		WithData(map[string]string{"message": greeting.Spec.Message})
	labels := map[string]string{"greeting": greeting.Name}
	deployment := appsapply.Deployment(greeting.Name, greeting.Namespace).WithOwnerReferences(owner).
		WithSpec(appsapply.DeploymentSpec().WithReplicas(greeting.Spec.Replicas).
			WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).
			WithTemplate(coreapply.PodTemplateSpec().WithLabels(labels).
				WithSpec(coreapply.PodSpec().WithContainers(coreapply.Container().WithName("speaker").WithImage("nginx:1.27")))))
	options := []client.ApplyOption{client.FieldOwner("greeter"), client.ForceOwnership}
	if err := r.Apply(ctx, config, options...); err != nil {
		return err
	}
	return r.Apply(ctx, deployment, options...)
}

func (r *reconciler) report(ctx context.Context, greeting *api.Greeting) error {
	deployment := &appsv1.Deployment{}
	if err := r.Get(ctx, client.ObjectKeyFromObject(greeting), deployment); err != nil {
		return client.IgnoreNotFound(err)
	}
	before := greeting.DeepCopyObject().(*api.Greeting)
	greeting.Status.ObservedGeneration = greeting.Generation
	greeting.Status.ReadyReplicas = deployment.Status.ReadyReplicas
	changed := meta.SetStatusCondition(&greeting.Status.Conditions, metav1.Condition{
		Type: "Spoken", Status: metav1.ConditionTrue, Reason: "Applied", Message: greeting.Spec.Message,
		ObservedGeneration: greeting.Generation,
	})
	if changed {
		r.events.Eventf(greeting, deployment, corev1.EventTypeNormal, "Spoken", "Apply", "says %q", greeting.Spec.Message)
	}
	return r.Status().Patch(ctx, greeting, client.MergeFrom(before))
}

func (r *reconciler) farewell(ctx context.Context, greeting *api.Greeting) error {
	farewell := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: greeting.Namespace, Name: "farewell-" + greeting.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, farewell, func() error {
		farewell.Data = map[string]string{"message": "bye"}
		return nil
	})
	if err != nil {
		return err
	}
	if !controllerutil.RemoveFinalizer(greeting, finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Update(ctx, greeting))
}
