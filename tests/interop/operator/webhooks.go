package main

import (
	"context"
	"errors"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"pilothouse/interop/operator/api"
)

// greetingWebhooks fills in a message, refuses rude ones, and keeps what is protected.
type greetingWebhooks struct{}

func (greetingWebhooks) register(mgr ctrl.Manager) error {
	return ctrl.NewWebhookManagedBy(mgr, &api.Greeting{}).
		WithDefaulter(greetingWebhooks{}).WithValidator(greetingWebhooks{}).Complete()
}

func (greetingWebhooks) Default(_ context.Context, g *api.Greeting) error {
	if g.Spec.Message == "" {
		g.Spec.Message = "hello"
	}
	return nil
}

func (greetingWebhooks) ValidateCreate(_ context.Context, g *api.Greeting) (admission.Warnings, error) {
	if g.Spec.Message == "go away" {
		return nil, errors.New("that is no greeting")
	}
	return nil, nil
}

func (w greetingWebhooks) ValidateUpdate(ctx context.Context, _, g *api.Greeting) (admission.Warnings, error) {
	return w.ValidateCreate(ctx, g)
}

func (greetingWebhooks) ValidateDelete(_ context.Context, g *api.Greeting) (admission.Warnings, error) {
	if g.Annotations["keep"] != "" {
		return nil, errors.New("it is to be kept")
	}
	return nil, nil
}
