package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Caches that follow objects, of kinds that are built in and of those that are not. */
final class Informers {
  private Informers() {}

  private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> ResourceEventHandler<T> writingTo(
      List<String> seen) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        seen.add("add " + object.getMetadata().getName());
      }

      @Override
      public void onUpdate(T before, T object) {
        if (!before.getMetadata().getResourceVersion().equals(object.getMetadata().getResourceVersion()))
          seen.add("update " + object.getMetadata().getName());
      }

      @Override
      public void onDelete(T object, boolean unknown) {
        seen.add("delete " + object.getMetadata().getName());
      }
    };
  }

  /** An informer with an index sees every object come, change and go. */
  static void informers(KubernetesClient client, String namespace) throws Exception {
    var maps = client.configMaps().inNamespace(namespace);
    ConfigMap first = Objects.configMap("first", Map.of("a", "1"));
    first.getMetadata().setLabels(Map.of("told", "yes"));
    maps.resource(first).create();
    List<String> seen = new CopyOnWriteArrayList<>();
    try (var informer = maps.withLabel("told", "yes").inform(writingTo(seen))) {
      eventually("the first", () -> seen.equals(List.of("add first")));
      check(informer.hasSynced(), "the informer has synced");
      ConfigMap second = Objects.configMap("second", Map.of());
      second.getMetadata().setLabels(Map.of("told", "yes"));
      maps.resource(second).create();
      maps.withName("second").edit(found -> {
        found.setData(Map.of("b", "2"));
        return found;
      });
      maps.withName("first").delete();
      List<String> all = List.of("add first", "add second", "update second", "delete first");
      eventually("four events, got " + seen, () -> seen.equals(all));
      equal(informer.getIndexer().list().size(), 1);
      equal(informer.getIndexer().getByKey(namespace + "/second").getData(), Map.of("b", "2"));
    }
  }

  private static CustomResourceDefinition definition() {
    var integer = new JSONSchemaPropsBuilder().withType("integer").withMaximum(10.0).build();
    var string = new JSONSchemaPropsBuilder().withType("string").build();
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata().withName("widgets.fabric8.example.com").endMetadata()
        .withNewSpec()
        .withGroup("fabric8.example.com")
        .withScope("Namespaced")
        .withNewNames().withKind("Widget").withPlural("widgets").withSingular("widget").endNames()
        .addNewVersion()
        .withName("v1").withServed(true).withStorage(true)
        .withNewSubresources().withNewStatus().endStatus().endSubresources()
        .withNewSchema()
        .withNewOpenAPIV3Schema()
        .withType("object")
        .addToProperties("spec", new JSONSchemaPropsBuilder().withType("object")
            .addToProperties("size", integer).addToProperties("colour", string).build())
        .addToProperties("status", new JSONSchemaPropsBuilder().withType("object")
            .addToProperties("phase", string).build())
        .endOpenAPIV3Schema().endSchema().endVersion().endSpec()
        .build();
  }

  /** A class of custom resources is defined, written, followed, and its status written apart. */
  static void custom(KubernetesClient client, String namespace) throws Exception {
    var definitions = client.apiextensions().v1().customResourceDefinitions();
    definitions.resource(definition()).create();
    definitions.withName("widgets.fabric8.example.com").waitUntilCondition(
        crd -> crd.getStatus() != null && crd.getStatus().getConditions().stream()
            .anyMatch(each -> each.getType().equals("Established") && each.getStatus().equals("True")),
        30, TimeUnit.SECONDS);
    var widgets = client.resources(Widget.class).inNamespace(namespace);
    List<String> seen = new CopyOnWriteArrayList<>();
    try (var informer = widgets.inform(writingTo(seen))) {
      Widget widget = new Widget();
      widget.getMetadata().setName("w");
      widget.getSpec().size = 11;
      try {
        widgets.resource(widget).create();
        check(false, "the schema was not followed");
      } catch (KubernetesClientException refusal) {
        equal(refusal.getCode(), 422);
        check(refusal.getMessage().contains("spec.size in body should be less than or equal to 10"),
            refusal.getMessage());
      }
      widget.getSpec().size = 3;
      Widget made = widgets.resource(widget).create();
      equal(made.getMetadata().getGeneration(), 1L);
      made.setStatus(new Widget.Status());
      made.getStatus().phase = "Ready";
      Widget updated = widgets.resource(made).updateStatus();
      equal(updated.getStatus().phase, "Ready");
      equal(updated.getMetadata().getGeneration(), 1L);
      widgets.withName("w").delete();
      eventually("three events, got " + seen, () -> seen.equals(List.of("add w", "update w", "delete w")));
    }
    definitions.withName("widgets.fabric8.example.com").delete();
  }
}
