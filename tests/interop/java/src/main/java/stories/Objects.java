package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.kubernetes.client.ProtoClient;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentSpec;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import java.util.Map;

/** Objects made, read, changed and deleted; every answer goes through the client's strict models. */
final class Objects {
  private Objects() {}

  static V1ConfigMap configMap(String name, String value) {
    return new V1ConfigMap().metadata(new V1ObjectMeta().name(name).labels(Map.of("told", "yes"))).data(Map.of("key", value));
  }

  static void objects(ApiClient client, String namespace) throws Exception {
    CoreV1Api core = new CoreV1Api(client);
    var created = core.createNamespacedConfigMap(namespace, configMap("a", "1")).execute();
    created.putDataItem("key", "2");
    equal(core.replaceNamespacedConfigMap("a", namespace, created).execute().getData().get("key"), "2");
    refused(409, "Conflict", () -> core.replaceNamespacedConfigMap("a", namespace, created).execute());
    refused(409, "AlreadyExists", () -> core.createNamespacedConfigMap(namespace, configMap("a", "1")).execute());
    refused(404, "NotFound", () -> core.readNamespacedConfigMap("nowhere", namespace).execute());
    for (String name : new String[] {"b", "c"}) core.createNamespacedConfigMap(namespace, configMap(name, "1")).execute();
    var page = core.listNamespacedConfigMap(namespace).labelSelector("told=yes").limit(2).execute();
    equal(page.getItems().size(), 2);
    equal(page.getMetadata().getRemainingItemCount(), null);
    String token = page.getMetadata().getContinue();
    equal(core.listNamespacedConfigMap(namespace).labelSelector("told=yes").limit(2)._continue(token).execute().getItems().size(), 1);

    AppsV1Api apps = new AppsV1Api(client);
    var labels = Map.of("app", "web");
    var container = new V1Container().name("main").image("nginx:1.27")
        .resources(new V1ResourceRequirements().requests(Map.of("cpu", Quantity.fromString("100m"))));
    apps.createNamespacedDeployment(namespace, new V1Deployment()
        .metadata(new V1ObjectMeta().name("web"))
        .spec(new V1DeploymentSpec().replicas(2).selector(new V1LabelSelector().matchLabels(labels))
            .template(new V1PodTemplateSpec().metadata(new V1ObjectMeta().labels(labels)).spec(new V1PodSpec().addContainersItem(container)))))
        .execute();
    eventually("the deployment is available",
        () -> Integer.valueOf(2).equals(apps.readNamespacedDeployment("web", namespace).execute().getStatus().getAvailableReplicas()));
    var pods = core.listNamespacedPod(namespace).labelSelector("app=web").execute().getItems();
    equal(pods.size(), 2);
    check(pods.get(0).getStatus().getStartTime() != null, "a pod without a start");

    // The generic client knows every kind by its group and version alone.
    var generic = new GenericKubernetesApi<>(V1Deployment.class, io.kubernetes.client.openapi.models.V1DeploymentList.class, "apps", "v1", "deployments", client);
    equal(generic.get(namespace, "web").throwsApiException().getObject().getSpec().getReplicas(), 2);
    generic.delete(namespace, "web").throwsApiException();
    eventually("the deployment is gone", () -> generic.get(namespace, "web").getHttpStatusCode() == 404);
    core.deleteCollectionNamespacedConfigMap(namespace).labelSelector("told=yes").execute();
    equal(core.listNamespacedConfigMap(namespace).labelSelector("told=yes").execute().getItems().size(), 0);
  }

  static void apply(ApiClient client, String namespace) throws Exception {
    CoreV1Api core = new CoreV1Api(client);
    String wanted = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"key\":\"%s\"}}";
    equal(applied(client, core, namespace, "one", String.format(wanted, "1"), false).getData().get("key"), "1");
    refused(409, "Conflict", () -> applied(client, core, namespace, "two", String.format(wanted, "2"), false));
    equal(applied(client, core, namespace, "two", String.format(wanted, "2"), true).getData().get("key"), "2");
    for (String[] each : new String[][] {
        {V1Patch.PATCH_FORMAT_JSON_PATCH, "[{\"op\":\"add\",\"path\":\"/data/json\",\"value\":\"1\"}]", "json"},
        {V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, "{\"data\":{\"merge\":\"1\"}}", "merge"},
        {V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH, "{\"data\":{\"strategic\":\"1\"}}", "strategic"}}) {
      var patched = PatchUtils.patch(V1ConfigMap.class,
          () -> core.patchNamespacedConfigMap("a", namespace, new V1Patch(each[1])).buildCall(null), each[0], client);
      equal(patched.getData().get(each[2]), "1");
    }
  }

  private static V1ConfigMap applied(
      ApiClient client, CoreV1Api core, String namespace, String manager, String text, boolean force) throws ApiException {
    return PatchUtils.patch(V1ConfigMap.class,
        () -> core.patchNamespacedConfigMap("a", namespace, new V1Patch(text)).fieldManager(manager).force(force).buildCall(null),
        V1Patch.PATCH_FORMAT_APPLY_YAML, client);
  }

  /** The client's own Protobuf messages, generated from upstream's definitions. */
  static void protobuf(ApiClient client, String namespace) throws Exception {
    ProtoClient proto = new ProtoClient(client);
    String path = "/api/v1/namespaces/" + namespace + "/configmaps";
    var sent = V1.ConfigMap.newBuilder()
        .setMetadata(io.kubernetes.client.proto.Meta.ObjectMeta.newBuilder().setName("proto")).putData("key", "1").build();
    var created = proto.create(sent, path, "v1", "ConfigMap");
    check(created.object != null, "not created: " + created.status);
    ProtoClient.ObjectOrStatus<V1.ConfigMap> read = proto.get(V1.ConfigMap.newBuilder(), path + "/proto");
    equal(read.object.getDataMap().get("key"), "1");
    equal(read.object.getMetadata().getUid(), created.object.getMetadata().getUid());
    ProtoClient.ObjectOrStatus<V1.ConfigMapList> list = proto.list(V1.ConfigMapList.newBuilder(), path);
    check(list.object.getItemsCount() >= 2, "the list lacks something");
    equal(proto.get(V1.ConfigMap.newBuilder(), path + "/nowhere").status.getReason(), "NotFound");
  }

  interface Request {
    void send() throws ApiException;
  }

  static void refused(int code, String reason, Request request) {
    try {
      request.send();
    } catch (ApiException error) {
      equal(error.getCode(), code);
      check(error.getResponseBody().contains("\"reason\":\"" + reason + "\""), error.getResponseBody());
      return;
    }
    throw new AssertionError("should have been refused with " + code);
  }
}
