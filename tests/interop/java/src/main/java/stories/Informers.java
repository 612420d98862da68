package stories;

import static stories.Main.equal;
import static stories.Main.eventually;

import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.informer.cache.Lister;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What happens to objects, told as it happens. */
final class Informers {
  private Informers() {}

  static void watch(ApiClient client, String namespace) throws Exception {
    CoreV1Api core = new CoreV1Api(client);
    String version = core.listNamespacedConfigMap(namespace).execute().getMetadata().getResourceVersion();
    List<String> told = new ArrayList<>();
    try (Watch<V1ConfigMap> watch = Watch.createWatch(client,
        core.listNamespacedConfigMap(namespace).labelSelector("told=yes").resourceVersion(version).watch(true).buildCall(null),
        new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType())) {
      var made = core.createNamespacedConfigMap(namespace, Objects.configMap("a", "1")).execute();
      made.putDataItem("key", "2");
      core.replaceNamespacedConfigMap("a", namespace, made).execute();
      core.deleteNamespacedConfigMap("a", namespace).execute();
      while (told.size() < 3) {
        var event = watch.next();
        told.add(event.type + " " + event.object.getData().get("key"));
      }
    }
    equal(told, List.of("ADDED 1", "MODIFIED 2", "DELETED 2"));
  }

  static void informers(ApiClient client, String namespace) throws Exception {
    CoreV1Api core = new CoreV1Api(client);
    core.createNamespacedConfigMap(namespace, Objects.configMap("before", "1")).execute();
    List<String> told = new CopyOnWriteArrayList<>();
    SharedInformerFactory factory = new SharedInformerFactory(client);
    var informer = factory.sharedIndexInformerFor(
        (CallGeneratorParams params) -> core.listNamespacedConfigMap(namespace).labelSelector("told=yes")
            .resourceVersion(params.resourceVersion).timeoutSeconds(params.timeoutSeconds).watch(params.watch).buildCall(null),
        V1ConfigMap.class, V1ConfigMapList.class);
    informer.addEventHandler(new ResourceEventHandler<V1ConfigMap>() {
      @Override
      public void onAdd(V1ConfigMap object) {
        told.add("add " + object.getMetadata().getName());
      }

      @Override
      public void onUpdate(V1ConfigMap before, V1ConfigMap after) {
        told.add("update " + before.getData().get("key") + " to " + after.getData().get("key"));
      }

      @Override
      public void onDelete(V1ConfigMap object, boolean unknown) {
        told.add("delete " + object.getMetadata().getName());
      }
    });
    factory.startAllRegisteredInformers();
    eventually("the informer has synced", informer::hasSynced);
    var lister = new Lister<>(informer.getIndexer(), namespace);
    equal(lister.list().size(), 1);
    var made = core.createNamespacedConfigMap(namespace, Objects.configMap("after", "1")).execute();
    eventually("the addition", () -> told.contains("add after"));
    made.putDataItem("key", "2");
    core.replaceNamespacedConfigMap("after", namespace, made).execute();
    eventually("the change", () -> told.contains("update 1 to 2"));
    core.deleteNamespacedConfigMap("after", namespace).execute();
    eventually("the deletion", () -> told.contains("delete after"));
    equal(told, List.of("add before", "add after", "update 1 to 2", "delete after"));
    factory.stopAllRegisteredInformers();
  }
}
