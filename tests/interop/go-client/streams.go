package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

// streams reads logs, runs a command over both protocols, and forwards a port.
func streams(ctx context.Context, w *world) error {
	pods := w.client.CoreV1().Pods(w.namespace)
	if _, err := pods.Create(ctx, pod("talker"), metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := running(ctx, w, "talker"); err != nil {
		return err
	}
	log, err := pods.GetLogs("talker", &corev1.PodLogOptions{Timestamps: true}).DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("logs: %w", err)
	}
	if err := expect(len(log) > 0, "an empty log"); err != nil {
		return err
	}
	request := w.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(w.namespace).Name("talker").SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{"cat"}, Stdin: true, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	overSpdy, err := remotecommand.NewSPDYExecutor(w.config, http.MethodPost, request.URL())
	if err != nil {
		return err
	}
	overWebSocket, err := remotecommand.NewWebSocketExecutor(w.config, http.MethodGet, request.URL().String())
	if err != nil {
		return err
	}
	for protocol, executor := range map[string]remotecommand.Executor{"SPDY": overSpdy, "WebSocket": overWebSocket} {
		// One buffer for both would be written by two goroutines at once, and the end of the one erase what the other read.
		var out, complaints bytes.Buffer
		options := remotecommand.StreamOptions{Stdin: strings.NewReader("said and heard\n"), Stdout: &out, Stderr: &complaints}
		if err := executor.StreamWithContext(ctx, options); err != nil {
			return fmt.Errorf("exec over %s: %w", protocol, err)
		}
		said := out.String() + complaints.String()
		if err := expect(said == "said and heard\n", "exec over %s said %q", protocol, said); err != nil {
			return err
		}
	}
	return forward(w)
}

func forward(w *world) error {
	target := w.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(w.namespace).Name("talker").SubResource("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(w.config)
	if err != nil {
		return err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, target)
	stop, ready, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{"0:80"}, stop, ready, io.Discard, io.Discard)
	if err != nil {
		return err
	}
	go func() { ended <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-ended:
		return fmt.Errorf("port-forward: %w", err)
	}
	defer close(stop)
	ports, err := forwarder.GetPorts()
	if err != nil {
		return err
	}
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", ports[0].Local))
	if err != nil {
		return fmt.Errorf("through the forwarded port: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return errors.Join(err, expect(answer.StatusCode == http.StatusOK && len(body) > 0, "through the forwarded port: %d %q", answer.StatusCode, body))
}
