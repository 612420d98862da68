package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

// tally counts what an informer tells its handler.
type tally struct {
	mu                      sync.Mutex
	added, updated, deleted int
}

func (t *tally) handler() cache.ResourceEventHandlerFuncs {
	count := func(n *int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		*n++
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { count(&t.added) },
		UpdateFunc: func(any, any) { count(&t.updated) },
		DeleteFunc: func(any) { count(&t.deleted) },
	}
}

func (t *tally) is(added, updated, deleted int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.added == added && t.updated >= updated && t.deleted == deleted
}

func (t *tally) String() string {
	return fmt.Sprintf("%d added, %d updated, %d deleted", t.added, t.updated, t.deleted)
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"part": "interop"}}, Data: map[string]string{"a": "1"}}
}

// followChanges makes ten config maps, changes one, deletes one, and waits until the handlers have heard of it all.
func followChanges(ctx context.Context, w *world, seen *tally) error {
	configMaps := w.client.CoreV1().ConfigMaps(w.namespace)
	for i := range 10 {
		if _, err := configMaps.Create(ctx, configMap(fmt.Sprintf("c%d", i)), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	changed := configMap("c0")
	changed.Data["a"] = "2"
	if _, err := configMaps.Update(ctx, changed, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := configMaps.Delete(ctx, "c9", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := eventually(ctx, "events", func() (bool, error) { return seen.is(10, 1, 1), nil }); err != nil {
		return fmt.Errorf("%w (%v)", err, seen)
	}
	return nil
}

func interopOnly(options *metav1.ListOptions) { options.LabelSelector = "part=interop" }

// sharedInformers follows changes with a shared informer factory, whose caches speak Protobuf.
func sharedInformers(ctx context.Context, w *world) error {
	factory := informers.NewSharedInformerFactoryWithOptions(w.client, time.Minute, informers.WithNamespace(w.namespace), informers.WithTweakListOptions(interopOnly))
	informer := factory.Core().V1().ConfigMaps()
	seen := &tally{}
	if _, err := informer.Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	pods := factory.Core().V1().Pods().Informer()
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("%v did not sync", kind)
		}
	}
	if err := followChanges(ctx, w, seen); err != nil {
		return err
	}
	cached, err := informer.Lister().ConfigMaps(w.namespace).List(labels.Everything())
	if err != nil {
		return err
	}
	first, err := informer.Lister().ConfigMaps(w.namespace).Get("c0")
	if err != nil {
		return err
	}
	return errors.Join(
		expect(len(cached) == 9, "%d cached", len(cached)),
		expect(first.Data["a"] == "2", "the cache has the change: %v", first.Data),
		expect(len(pods.GetStore().List()) == 0, "no pods here"),
	)
}

// watchList checks that a reflector streams its first list, and that a plain watch can be taken up where it ended.
func watchList(ctx context.Context, w *world) error {
	var mu sync.Mutex
	asked := []string{}
	config := rest.CopyConfig(w.config)
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			mu.Lock()
			asked = append(asked, request.URL.RawQuery)
			mu.Unlock()
			return next.RoundTrip(request)
		})
	})
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for i := range 5 {
		if _, err := w.client.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap(fmt.Sprintf("before%d", i)), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(w.namespace), informers.WithTweakListOptions(interopOnly))
	informer := factory.Core().V1().ConfigMaps().Informer()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return errors.New("did not sync")
	}
	mu.Lock()
	first := asked[0]
	mu.Unlock()
	if err := errors.Join(
		expect(strings.Contains(first, "sendInitialEvents=true"), "the first request streams: %s", first),
		expect(len(informer.GetStore().List()) == 5, "%d cached", len(informer.GetStore().List())),
	); err != nil {
		return err
	}
	list, err := w.client.CoreV1().ConfigMaps(w.namespace).List(ctx, metav1.ListOptions{LabelSelector: "part=interop"})
	if err != nil {
		return err
	}
	watcher, err := toolswatch.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.LabelSelector = "part=interop"
			options.TimeoutSeconds = new(int64)
			*options.TimeoutSeconds = 1 // ends often, so that the watch is taken up again
			return w.client.CoreV1().ConfigMaps(w.namespace).Watch(ctx, options)
		},
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for i := range 6 {
		name := fmt.Sprintf("during%d", i)
		if _, err := w.client.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap(name), metav1.CreateOptions{}); err != nil {
			return err
		}
		event := <-watcher.ResultChan()
		got, ok := event.Object.(*corev1.ConfigMap)
		if !ok || event.Type != watch.Added || got.Name != name {
			return fmt.Errorf("expected ADDED %s, got %v %v", name, event.Type, event.Object)
		}
		time.Sleep(400 * time.Millisecond)
	}
	return nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
