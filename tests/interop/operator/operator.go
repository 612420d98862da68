package main

import (
	"context"
	"fmt"
	"net"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// running is one replica of the operator.
type running struct {
	manager ctrl.Manager
	metrics string
	stop    func() error
}

// start runs a replica. Only the first serves the webhooks: all would have the one address that envtest announced.
func (s *story) start(ctx context.Context, name string, serving bool) (*running, error) {
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	options := ctrl.Options{
		Scheme:                        s.scheme,
		Metrics:                       server.Options{BindAddress: metrics},
		LeaderElection:                true,
		LeaderElectionID:              "greeter",
		LeaderElectionNamespace:       s.namespace,
		LeaderElectionReleaseOnCancel: true,
	}
	if serving {
		local := s.environment.WebhookInstallOptions
		options.WebhookServer = webhook.NewServer(webhook.Options{
			Host: local.LocalServingHost, Port: local.LocalServingPort, CertDir: local.LocalServingCertDir,
		})
	}
	mgr, err := ctrl.NewManager(s.environment.Config, options)
	if err != nil {
		return nil, err
	}
	if err := (&reconciler{Client: mgr.GetClient(), events: mgr.GetEventRecorder(name)}).register(mgr, name); err != nil {
		return nil, err
	}
	if serving {
		if err := (greetingWebhooks{}).register(mgr); err != nil {
			return nil, err
		}
	}
	return run(ctx, mgr, metrics), nil
}

func run(parent context.Context, mgr manager.Manager, metrics string) *running {
	ctx, cancel := context.WithCancel(parent)
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	return &running{manager: mgr, metrics: metrics, stop: func() error {
		cancel()
		return <-ended
	}}
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr()), nil
}
