package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"pilothouse/interop/operator/api"
)

// story is what happens to an operator, in order; each part is an error when it goes differently.
type story struct {
	client.Client
	environment *envtest.Environment
	scheme      *runtime.Scheme
	namespace   string
}

func (s *story) tell(ctx context.Context) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	if err := s.Create(ctx, namespace); err != nil {
		return err
	}
	first, err := s.start(ctx, "greeter", true)
	if err != nil {
		return err
	}
	if err := eventually(ctx, "the first replica leads", func() (bool, error) { return isClosed(first.manager.Elected()), nil }); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{s.defaults, s.refusals, s.versions, s.children, s.drift, s.events, s.farewells} {
		if err := part(ctx); err != nil {
			return errors.Join(err, first.stop())
		}
	}
	if err := s.metrics(first); err != nil {
		return errors.Join(err, first.stop())
	}
	if err := s.handover(ctx, first); err != nil {
		return err
	}
	return s.user(ctx)
}

func (s *story) greeting(name string, spec api.GreetingSpec) *api.Greeting {
	return &api.Greeting{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}, Spec: spec}
}

func (s *story) key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace, Name: name}
}

// defaults come from the mutating webhook.
func (s *story) defaults(ctx context.Context) error {
	var err error
	greeting := s.greeting("silent", api.GreetingSpec{Replicas: 1})
	// The webhook server may still be starting.
	if waitErr := eventually(ctx, "the webhooks answer", func() (bool, error) {
		err = s.Create(ctx, greeting)
		return err == nil || !apierrors.IsInternalError(err), nil
	}); waitErr != nil {
		return errors.Join(waitErr, err)
	}
	return errors.Join(err, expect(greeting.Spec.Message == "hello", "defaulted to %q", greeting.Spec.Message))
}

// refusals come from the validating webhook, and before it from the schema.
func (s *story) refusals(ctx context.Context) error {
	rude := s.Create(ctx, s.greeting("rude", api.GreetingSpec{Message: "go away"}))
	if err := expect(apierrors.IsForbidden(rude) && strings.HasSuffix(rude.Error(), `admission webhook "validate.greetings.interop.pilothouse.dev" denied the request: that is no greeting`), "rude: %v", rude); err != nil {
		return err
	}
	long := s.Create(ctx, s.greeting("long", api.GreetingSpec{Message: strings.Repeat("la", 30)}))
	if err := expect(apierrors.IsInvalid(long) && strings.Contains(long.Error(), "spec.message: Too long"), "long: %v", long); err != nil {
		return err
	}
	kept := s.greeting("kept", api.GreetingSpec{})
	kept.Annotations = map[string]string{"keep": "yes"}
	if err := s.Create(ctx, kept); err != nil {
		return err
	}
	refused := s.Delete(ctx, kept)
	return expect(apierrors.IsForbidden(refused), "deleting what is kept: %v", refused)
}

// versions are converted by the operator, one by one and in lists; the webhooks see the one that they ask for.
func (s *story) versions(ctx context.Context) error {
	old := &api.OldGreeting{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "old"}, Spec: api.OldGreetingSpec{Text: "ahoy", Replicas: 1}}
	if err := s.Create(ctx, old); err != nil {
		return fmt.Errorf("creating the old version: %w", err)
	}
	converted := &api.Greeting{}
	if err := s.Get(ctx, s.key("old"), converted); err != nil {
		return err
	}
	if err := expect(converted.Spec.Message == "ahoy", "converted to %+v", converted.Spec); err != nil {
		return err
	}
	list := &api.OldGreetingList{}
	if err := s.List(ctx, list, client.InNamespace(s.namespace)); err != nil {
		return err
	}
	texts := map[string]string{}
	for _, item := range list.Items {
		texts[item.Name] = item.Spec.Text
	}
	return expect(len(texts) == 3 && texts["silent"] == "hello" && texts["old"] == "ahoy", "listed %v", texts)
}

// children are applied with an owner, and the status says so.
func (s *story) children(ctx context.Context) error {
	greeting := &api.Greeting{}
	if err := eventually(ctx, "the status", func() (bool, error) {
		err := s.Get(ctx, s.key("silent"), greeting)
		return err == nil && greeting.Status.ObservedGeneration == greeting.Generation && meta.IsStatusConditionTrue(greeting.Status.Conditions, "Spoken") &&
			(s.isBare() || greeting.Status.ReadyReplicas == 1), err
	}); err != nil {
		return err
	}
	deployment := &appsv1.Deployment{}
	if err := s.Get(ctx, s.key("silent"), deployment); err != nil {
		return err
	}
	owner := metav1.GetControllerOf(deployment)
	return expect(owner != nil && owner.UID == greeting.UID, "the deployment's owner is %+v", owner)
}

// drift of a child is put right, and a change of the owner reaches it.
func (s *story) drift(ctx context.Context) error {
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "silent"}}
	says := func(message string) error {
		return eventually(ctx, "the config map says "+message, func() (bool, error) {
			err := s.Get(ctx, client.ObjectKeyFromObject(config), config)
			return err == nil && config.Data["message"] == message, err
		})
	}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"data":{"message":"graffiti"}}`))
	if err := errors.Join(says("hello"), s.Patch(ctx, config, patch), says("hello")); err != nil {
		return err
	}
	greeting := s.greeting("silent", api.GreetingSpec{})
	return errors.Join(s.Patch(ctx, greeting, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"message":"welcome"}}`))), says("welcome"))
}

func (s *story) events(ctx context.Context) error {
	return eventually(ctx, "an event", func() (bool, error) {
		list := &eventsv1.EventList{}
		err := s.List(ctx, list, client.InNamespace(s.namespace))
		for _, event := range list.Items {
			if event.Regarding.Name == "silent" && event.Reason == "Spoken" && event.Note == `says "hello"` {
				return true, nil
			}
		}
		return false, err
	})
}

// farewells are what the finalizer holds the object for; where there is a garbage collector the children go, too.
func (s *story) farewells(ctx context.Context) error {
	greeting := s.greeting("silent", api.GreetingSpec{})
	if err := s.Delete(ctx, greeting, client.PropagationPolicy(metav1.DeletePropagationForeground)); err != nil {
		return err
	}
	gone := func(object client.Object) func() (bool, error) {
		return func() (bool, error) {
			err := s.Get(ctx, s.key("silent"), object)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		}
	}
	if !s.isBare() {
		if err := eventually(ctx, "the deployment is collected", gone(&appsv1.Deployment{})); err != nil {
			return err
		}
	} else if err := s.removeForegroundFinalizer(ctx); err != nil {
		return err
	}
	if err := eventually(ctx, "the greeting is gone", gone(&api.Greeting{})); err != nil {
		return err
	}
	if err := s.Get(ctx, s.key("farewell-silent"), &corev1.ConfigMap{}); err != nil {
		return err
	}
	return s.clear(ctx)
}

// clear deletes the others, so that the definition, which waits for their finalizers, can go.
func (s *story) clear(ctx context.Context) error {
	unprotect := client.RawPatch("application/json-patch+json", []byte(`[{"op":"remove","path":"/metadata/annotations/keep"}]`))
	if err := s.Patch(ctx, s.greeting("kept", api.GreetingSpec{}), unprotect); err != nil {
		return err
	}
	if err := s.DeleteAllOf(ctx, &api.Greeting{}, client.InNamespace(s.namespace)); err != nil {
		return err
	}
	return eventually(ctx, "no greeting is left", func() (bool, error) {
		list := &api.GreetingList{}
		err := s.List(ctx, list, client.InNamespace(s.namespace))
		return err == nil && len(list.Items) == 0, err
	})
}

// removeForegroundFinalizer does what the garbage collector would, which envtest does not start.
func (s *story) removeForegroundFinalizer(ctx context.Context) error {
	return eventually(ctx, "only the collector's finalizer is left", func() (bool, error) {
		greeting := &api.Greeting{}
		if err := s.Get(ctx, s.key("silent"), greeting); err != nil {
			return false, err
		}
		if len(greeting.Finalizers) != 1 || greeting.Finalizers[0] != metav1.FinalizerDeleteDependents {
			return false, nil
		}
		greeting.Finalizers = nil
		return true, s.Update(ctx, greeting)
	})
}

func (s *story) metrics(replica *running) error {
	answer, err := http.Get("http://" + replica.metrics + "/metrics")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return errors.Join(err,
		expect(strings.Contains(string(text), `controller_runtime_reconcile_total{controller="greeter",result="success"}`), "no reconciles in the metrics"),
		expect(strings.Contains(string(text), `leader_election_master_status{name="greeter"} 1`), "no leadership in the metrics"),
		expect(strings.Contains(string(text), `rest_client_requests_total{code="200"`), "no requests in the metrics"))
}

// handover: a second replica waits until the first one lets go of the lease.
func (s *story) handover(ctx context.Context, first *running) error {
	second, err := s.start(ctx, "second-greeter", false)
	if err != nil {
		return err
	}
	lease := &coordinationv1.Lease{}
	if err := s.Get(ctx, s.key("greeter"), lease); err != nil {
		return err
	}
	holder := *lease.Spec.HolderIdentity
	if err := expect(holder != "" && !isClosed(second.manager.Elected()), "both replicas lead"); err != nil {
		return err
	}
	if err := first.stop(); err != nil {
		return fmt.Errorf("stopping the first replica: %w", err)
	}
	if err := eventually(ctx, "the second replica leads", func() (bool, error) { return isClosed(second.manager.Elected()), nil }); err != nil {
		return err
	}
	return errors.Join(s.Get(ctx, s.key("greeter"), lease), expect(*lease.Spec.HolderIdentity != holder, "the lease is still %s's", holder), second.stop())
}

// user: envtest makes users by certificate, and RBAC knows nothing of them yet.
func (s *story) user(ctx context.Context) error {
	if !s.isBare() {
		return nil
	}
	stranger, err := s.environment.AddUser(envtest.User{Name: "stranger", Groups: []string{"visitors"}}, nil)
	if err != nil {
		return err
	}
	theirs, err := client.New(stranger.Config(), client.Options{Scheme: s.scheme})
	if err != nil {
		return err
	}
	err = theirs.List(ctx, &corev1.PodList{})
	if err := expect(apierrors.IsForbidden(err) && strings.Contains(err.Error(), `User "stranger" cannot list resource "pods"`), "a stranger lists pods: %v", err); err != nil {
		return err
	}
	kubectl, err := stranger.Kubectl()
	if err != nil {
		return err
	}
	out, _, err := kubectl.Run("auth", "whoami", "-o", "jsonpath={.status.userInfo.groups}")
	if err != nil {
		return err
	}
	said, err := io.ReadAll(out)
	return errors.Join(err, expect(string(said) == `["visitors","system:authenticated"]`, "kubectl auth whoami says %s", said))
}

// isBare is whether there are no controllers, as on every control plane that envtest starts.
func (s *story) isBare() bool {
	return !*s.environment.UseExistingCluster
}

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// expect turns a broken expectation into an error that names it.
func expect(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// eventually asks until the answer is yes, or the story's time is over.
func eventually(ctx context.Context, what string, holds func() (bool, error)) error {
	for {
		done, err := holds()
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: did not happen in time", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
