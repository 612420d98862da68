package stories;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.FileReader;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Drives a cluster with the official Java client as programs in the field do, one story a run: {@code stories.Main
 * <story> <namespace>}. Ends with exit code 0, or says what went differently from what the client's users rely on.
 */
public final class Main {
  /** What a story does, in a namespace of its own. */
  interface Story {
    void tell(ApiClient client, String namespace) throws Exception;
  }

  private static final Map<String, Story> STORIES =
      Map.of(
          "objects", Objects::objects,
          "apply", Objects::apply,
          "protobuf", Objects::protobuf,
          "watch", Informers::watch,
          "informers", Informers::informers,
          "leader-election", Leaders::leaderElection,
          "streams", Streams::streams);

  public static void main(String[] args) throws Exception {
    Story story = STORIES.get(args[0]);
    String namespace = args[1];
    ApiClient client;
    try (FileReader kubeconfig = new FileReader(System.getenv("KUBECONFIG"))) {
      client = ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(kubeconfig)).build();
    }
    // Watches and logs have no end.
    client.setReadTimeout(0);
    CoreV1Api core = new CoreV1Api(client);
    core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(namespace))).execute();
    eventually("the default service account", () -> !core.listNamespacedServiceAccount(namespace).execute().getItems().isEmpty());
    story.tell(client, namespace);
    core.deleteNamespace(namespace).execute();
    System.out.println("ok");
    System.exit(0);
  }

  /** Asks until the answer is yes, for a minute. */
  static void eventually(String what, Callable<Boolean> holds) throws Exception {
    for (long end = System.nanoTime() + Duration.ofMinutes(1).toNanos(); !holds.call(); Thread.sleep(50))
      check(System.nanoTime() < end, what + ": did not happen in time");
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) throw new AssertionError(otherwise);
  }

  static void equal(Object actual, Object expected) {
    check(java.util.Objects.equals(actual, expected), "got " + actual + " instead of " + expected);
  }
}
