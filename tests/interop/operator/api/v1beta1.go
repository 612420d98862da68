package api

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
)

type OldGreetingSpec struct {
	// Text is what v1 calls message.
	Text     string `json:"text,omitempty"`
	Replicas int32  `json:"replicas"`
}

// OldGreeting is version v1beta1 of Greeting.
type OldGreeting struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              OldGreetingSpec `json:"spec"`
	Status            GreetingStatus  `json:"status,omitempty"`
}

type OldGreetingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []OldGreeting `json:"items"`
}

func (old *OldGreeting) ConvertTo(hub conversion.Hub) error {
	g := hub.(*Greeting)
	g.ObjectMeta = old.ObjectMeta
	g.Spec = GreetingSpec{Message: old.Spec.Text, Replicas: old.Spec.Replicas}
	g.Status = old.Status
	return nil
}

func (old *OldGreeting) ConvertFrom(hub conversion.Hub) error {
	g := hub.(*Greeting)
	old.ObjectMeta = g.ObjectMeta
	old.Spec = OldGreetingSpec{Text: g.Spec.Message, Replicas: g.Spec.Replicas}
	old.Status = g.Status
	return nil
}

func (old *OldGreeting) DeepCopyObject() runtime.Object {
	out := *old
	old.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = append([]metav1.Condition(nil), old.Status.Conditions...)
	return &out
}

func (l *OldGreetingList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = make([]OldGreeting, len(l.Items))
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*OldGreeting)
	}
	return &out
}
