package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Objects written, read, patched and refused. */
final class Objects {
  private Objects() {}

  static ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder().withNewMetadata().withName(name).endMetadata().withData(data).build();
  }

  private static Deployment deployment(int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata().withName("web").endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector().addToMatchLabels("app", "web").endSelector()
        .withNewTemplate()
        .withNewMetadata().addToLabels("app", "web").endMetadata()
        .withNewSpec()
        .addNewContainer().withName("main").withImage("nginx:1.27").endContainer()
        .endSpec().endTemplate().endSpec()
        .build();
  }

  /** A deployment is created, awaited, scaled, edited, rolled out and deleted. */
  static void objects(KubernetesClient client, String namespace) throws Exception {
    var deployments = client.apps().deployments().inNamespace(namespace);
    deployments.resource(deployment(2)).create();
    var web = deployments.withName("web");
    web.waitUntilReady(60, TimeUnit.SECONDS);
    var pods = client.pods().inNamespace(namespace).withLabel("app", "web");
    equal(pods.list().getItems().size(), 2);
    equal(web.scale(1).getSpec().getReplicas(), 1);
    eventually("one pod", () -> pods.list().getItems().size() == 1);
    web.edit(found -> new DeploymentBuilder(found).editMetadata().addToLabels("edited", "yes").endMetadata().build());
    equal(web.get().getMetadata().getLabels().get("edited"), "yes");
    web.rolling().updateImage("nginx:1.28");
    web.waitUntilCondition(
        found -> found.getStatus().getUpdatedReplicas() != null && found.getStatus().getUpdatedReplicas() == 1,
        60, TimeUnit.SECONDS);
    equal(web.get().getSpec().getTemplate().getSpec().getContainers().get(0).getImage(), "nginx:1.28");
    web.withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
    web.waitUntilCondition(java.util.Objects::isNull, 60, TimeUnit.SECONDS);
    equal(pods.list().getItems().size(), 0);
  }

  /** Every kind of patch, applying on the server among them. */
  static void patches(KubernetesClient client, String namespace) {
    var maps = client.configMaps().inNamespace(namespace);
    maps.resource(configMap("c", Map.of("a", "1"))).create();
    var c = maps.withName("c");
    c.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"b\":\"2\"}}");
    c.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/data/a\"}]");
    c.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"c\":\"3\"}}");
    equal(c.get().getData(), Map.of("b", "2", "c", "3"));

    ConfigMap applied = maps.resource(configMap("s", Map.of("key", "one"))).fieldManager("one").serverSideApply();
    equal(applied.getMetadata().getManagedFields().get(0).getOperation(), "Apply");
    var other = maps.resource(configMap("s", Map.of("key", "two"))).fieldManager("two");
    try {
      other.serverSideApply();
      check(false, "a conflict was not told");
    } catch (KubernetesClientException conflict) {
      equal(conflict.getCode(), 409);
      equal(conflict.getStatus().getDetails().getCauses().get(0).getField(), ".data.key");
    }
    equal(other.forceConflicts().serverSideApply().getData(), Map.of("key", "two"));
  }

  /** A list in pages of one snapshot. */
  static void pages(KubernetesClient client, String namespace) {
    var maps = client.configMaps().inNamespace(namespace).withLabel("paged");
    for (int i = 0; i < 25; i++) {
      ConfigMap map = configMap("p-" + i, Map.of());
      map.getMetadata().setLabels(Map.of("paged", "yes"));
      client.configMaps().inNamespace(namespace).resource(map).create();
    }
    List<String> seen = new ArrayList<>();
    String next = null;
    String version = null;
    do {
      ConfigMapList page = maps.list(new ListOptionsBuilder().withLimit(10L).withContinue(next).build());
      page.getItems().forEach(item -> seen.add(item.getMetadata().getName()));
      if (version != null) equal(page.getMetadata().getResourceVersion(), version);
      version = page.getMetadata().getResourceVersion();
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    equal(seen.stream().distinct().count(), 25L);
    equal(seen.size(), 25);
  }

  private static void refused(int code, String reason, Runnable request) {
    try {
      request.run();
    } catch (KubernetesClientException refusal) {
      equal(refusal.getCode(), code);
      equal(refusal.getStatus().getReason(), reason);
      return;
    }
    check(false, "the server should have refused this: " + reason);
  }

  /** What is refused, and how the client sees it. */
  static void errors(KubernetesClient client, String namespace) {
    var maps = client.configMaps().inNamespace(namespace);
    maps.resource(configMap("c", Map.of("a", "1"))).create();
    equal(maps.withName("none").get(), null);
    refused(409, "AlreadyExists", () -> maps.resource(configMap("c", Map.of())).create());
    refused(422, "Invalid", () -> maps.resource(configMap("Not A Name", Map.of())).create());
    ConfigMap stale = maps.withName("c").get();
    maps.resource(new ConfigMapBuilder(stale).addToData("b", "2").build()).update();
    ConfigMap late = new ConfigMapBuilder(stale).addToData("b", "3").build();
    refused(409, "Conflict", () -> maps.resource(late).lockResourceVersion(stale.getMetadata().getResourceVersion()).update());
    equal(maps.withName("c").get().getData().get("b"), "2");
    equal(maps.resource(configMap("c", Map.of("x", "y"))).createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update)
        .getData(), Map.of("x", "y"));
  }
}
