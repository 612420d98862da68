// Package api holds the operator's kind, Greeting, in two versions that a webhook converts between.
package api

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	V1      = schema.GroupVersion{Group: "interop.pilothouse.dev", Version: "v1"}
	V1Beta1 = schema.GroupVersion{Group: "interop.pilothouse.dev", Version: "v1beta1"}
)

// AddToScheme registers both versions under the one name of the kind.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypeWithName(V1.WithKind("Greeting"), &Greeting{})
	s.AddKnownTypeWithName(V1.WithKind("GreetingList"), &GreetingList{})
	s.AddKnownTypeWithName(V1Beta1.WithKind("Greeting"), &OldGreeting{})
	s.AddKnownTypeWithName(V1Beta1.WithKind("GreetingList"), &OldGreetingList{})
	metav1.AddToGroupVersion(s, V1)
	metav1.AddToGroupVersion(s, V1Beta1)
	return nil
}

type GreetingSpec struct {
	Message  string `json:"message,omitempty"`
	Replicas int32  `json:"replicas"`
}

type GreetingStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	ReadyReplicas      int32              `json:"readyReplicas,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

// Greeting is version v1, which is stored.
type Greeting struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              GreetingSpec   `json:"spec"`
	Status            GreetingStatus `json:"status,omitempty"`
}

type GreetingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Greeting `json:"items"`
}

// Hub marks the version that others are converted to and from.
func (*Greeting) Hub() {}

func (g *Greeting) DeepCopyObject() runtime.Object {
	out := *g
	g.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = append([]metav1.Condition(nil), g.Status.Conditions...)
	return &out
}

func (l *GreetingList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = make([]Greeting, len(l.Items))
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*Greeting)
	}
	return &out
}
