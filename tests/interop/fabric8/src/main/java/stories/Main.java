package stories;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Drives a cluster with fabric8's client as programs in the field do, one story a run: {@code stories.Main <story>
 * <namespace>}. Ends with exit code 0, or says what went differently from what the client's users rely on.
 */
public final class Main {
  /** What a story does, in a namespace of its own. */
  interface Story {
    void tell(KubernetesClient client, String namespace) throws Exception;
  }

  private static final Map<String, Story> STORIES =
      Map.of(
          "objects", Objects::objects,
          "patches", Objects::patches,
          "pages", Objects::pages,
          "errors", Objects::errors,
          "informers", Informers::informers,
          "custom", Informers::custom,
          "leader-election", Leaders::leaderElection,
          "streams", Streams::streams);

  public static void main(String[] args) throws Exception {
    Story story = STORIES.get(args[0]);
    String namespace = args[1];
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      client.namespaces()
          .resource(new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .create();
      // Pods are refused until the namespace has its service account.
      eventually("the default service account",
          () -> client.serviceAccounts().inNamespace(namespace).withName("default").get() != null);
      story.tell(client, namespace);
      client.namespaces().withName(namespace).delete();
    }
    System.out.println("ok");
    System.exit(0);
  }

  /** Asks until the answer is yes, for a minute. */
  static void eventually(String what, Callable<Boolean> holds) throws Exception {
    for (long end = System.nanoTime() + 60_000_000_000L; !holds.call(); Thread.sleep(50))
      check(System.nanoTime() < end, what + ": did not happen in time");
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) throw new AssertionError(otherwise);
  }

  static void equal(Object actual, Object expected) {
    check(java.util.Objects.equals(actual, expected), "got " + actual + " instead of " + expected);
  }
}
