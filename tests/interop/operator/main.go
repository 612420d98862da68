// Command operator is an operator as controller-runtime's users write them, and the story of its life:
//
//	KUBEBUILDER_ASSETS=<folder> operator envtest     # on a control plane that envtest starts
//	KUBECONFIG=<file> operator cluster               # on a cluster that is there
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/rand"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"pilothouse/interop/operator/api"
)

func main() {
	if len(os.Args) != 3 || (os.Args[1] != "envtest" && os.Args[1] != "cluster") {
		fail(fmt.Errorf("usage: operator envtest|cluster <config folder>"))
	}
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	scheme := runtime.NewScheme()
	fail(clientgoscheme.AddToScheme(scheme))
	fail(api.AddToScheme(scheme))
	existing := os.Args[1] == "cluster"
	environment := &envtest.Environment{
		Scheme:                scheme,
		UseExistingCluster:    &existing,
		CRDDirectoryPaths:     []string{filepath.Join(os.Args[2], "crd.yaml")},
		ErrorIfCRDPathMissing: true,
		CRDInstallOptions:     envtest.CRDInstallOptions{CleanUpAfterUse: true},
		WebhookInstallOptions: envtest.WebhookInstallOptions{Paths: []string{filepath.Join(os.Args[2], "webhooks.yaml")}},
		// Whatever the control plane says is worth reading when it does not come up.
		AttachControlPlaneOutput: true,
	}
	_, err := environment.Start()
	fail(err)
	err = live(environment, scheme)
	if stopErr := environment.Stop(); err == nil {
		err = stopErr
	}
	fail(err)
	fmt.Println("ok")
}

// live runs the operator and its story.
func live(environment *envtest.Environment, scheme *runtime.Scheme) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	api, err := client.New(environment.Config, client.Options{Scheme: scheme})
	if err != nil {
		return err
	}
	s := &story{Client: api, environment: environment, scheme: scheme, namespace: "operator-" + rand.String(5)}
	return s.tell(ctx)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
