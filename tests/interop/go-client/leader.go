package main

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
)

// leaderElection has one candidate lead and hand over to another when it steps down.
func leaderElection(ctx context.Context, w *world) error {
	led := make(chan string, 2)
	candidate := func(ctx context.Context, name string) error {
		lock, err := resourcelock.New(resourcelock.LeasesResourceLock, w.namespace, "the-lock", w.client.CoreV1(), w.client.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: name})
		if err != nil {
			return err
		}
		go leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Lock: lock, LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond, ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { led <- name },
				OnStoppedLeading: func() {},
			},
		})
		return nil
	}
	firstCtx, stepDown := context.WithCancel(ctx)
	if err := candidate(firstCtx, "first"); err != nil {
		stepDown()
		return err
	}
	leader := <-led
	if err := candidate(ctx, "second"); err != nil {
		stepDown()
		return err
	}
	lease, err := w.client.CoordinationV1().Leases(w.namespace).Get(ctx, "the-lock", metav1.GetOptions{})
	stepDown()
	if err != nil {
		return err
	}
	select {
	case next := <-led:
		return errors.Join(
			expect(leader == "first" && next == "second", "%s, then %s", leader, next),
			expect(*lease.Spec.HolderIdentity == "first" && *lease.Spec.LeaseDurationSeconds == 3, "lease: %+v", lease.Spec),
		)
	case <-ctx.Done():
		return errors.New("nobody took over")
	}
}

// recordedEvents writes events as controllers do; the same one twice counts up.
func recordedEvents(ctx context.Context, w *world) error {
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: w.client.CoreV1().Events(w.namespace)})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "interop"})
	about, err := w.client.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("noted"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	for range 2 {
		recorder.Event(about, corev1.EventTypeNormal, "Noted", "it was seen")
	}
	return eventually(ctx, "an event that counts two", func() (bool, error) {
		list, err := w.client.CoreV1().Events(w.namespace).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=noted,reason=Noted"})
		if err != nil {
			return false, err
		}
		newer, err := w.client.EventsV1().Events(w.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		return len(list.Items) == 1 && list.Items[0].Count == 2 && len(newer.Items) == 1 && newer.Items[0].Regarding.Name == "noted", nil
	})
}
