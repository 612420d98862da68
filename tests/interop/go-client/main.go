// Command go-client drives a cluster with client-go as programs in the field do, one story a run:
//
//	KUBECONFIG=admin.conf go-client <story> <namespace>
//
// A story ends with exit code 0, or says what went differently from what client-go's users rely on.
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	corev1 "k8s.io/api/core/v1"
)

// world is what a story works with: a cluster, and a namespace of its own that goes when the story has ended.
type world struct {
	config    *rest.Config
	client    kubernetes.Interface
	namespace string
}

type story func(ctx context.Context, w *world) error

var stories = map[string]story{
	"typed":           typed,
	"subresources":    subresources,
	"patches":         patches,
	"informers":       sharedInformers,
	"watch-list":      watchList,
	"dynamic":         dynamicClient,
	"metadata":        metadataClient,
	"apply":           applyConfigurations,
	"leader-election": leaderElection,
	"discovery":       discoveryDocuments,
	"open-api":        openAPI,
	"pages":           pages,
	"conflicts":       conflicts,
	"events":          recordedEvents,
	"streams":         streams,
	"reviews":         reviews,
	"errors":          errorsOfTheAPI,
	"custom":          customResources,
}

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: go-client <story> <namespace>; the stories are %v", names()))
	}
	run, ok := stories[os.Args[1]]
	if !ok {
		fail(fmt.Errorf("there is no story %q; the stories are %v", os.Args[1], names()))
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	fail(err)
	config.QPS, config.Burst = 1000, 1000
	protobuf := rest.CopyConfig(config)
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(protobuf)
	fail(err)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	w := &world{config: config, client: client, namespace: os.Args[2]}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	_, err = client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
	fail(err)
	// Pods are refused until the namespace has its service account.
	fail(eventually(ctx, "the default service account", func() (bool, error) {
		_, err := client.CoreV1().ServiceAccounts(w.namespace).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	}))
	err = run(ctx, w)
	deleteErr := client.CoreV1().Namespaces().Delete(context.Background(), w.namespace, metav1.DeleteOptions{})
	fail(err)
	fail(deleteErr)
	fmt.Println("ok")
}

func names() []string {
	all := []string{}
	for name := range stories {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
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
