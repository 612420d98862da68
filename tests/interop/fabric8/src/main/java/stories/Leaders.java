package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leaders elected over a Lease. */
final class Leaders {
  private Leaders() {}

  private static CompletableFuture<?> candidate(
      KubernetesClient client, String namespace, String identity, List<String> told) {
    return client.leaderElector()
        .withConfig(new LeaderElectionConfigBuilder()
            .withName("told")
            .withLock(new LeaseLock(namespace, "leader", identity))
            .withLeaseDuration(Duration.ofSeconds(3))
            .withRenewDeadline(Duration.ofSeconds(2))
            .withRetryPeriod(Duration.ofMillis(200))
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(new LeaderCallbacks(
                () -> told.add(identity + " leads"), () -> told.add(identity + " stops"), leader -> {}))
            .build())
        .build()
        .start();
  }

  /** One of two leads; when it steps down the other follows. */
  static void leaderElection(KubernetesClient client, String namespace) throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    CompletableFuture<?> first = candidate(client, namespace, "first", told);
    eventually("first leads", () -> told.contains("first leads"));
    CompletableFuture<?> second = candidate(client, namespace, "second", told);
    var lease = client.leases().inNamespace(namespace).withName("leader");
    equal(lease.get().getSpec().getHolderIdentity(), "first");
    var renewed = lease.get().getSpec().getRenewTime();
    eventually("the lease is renewed", () -> lease.get().getSpec().getRenewTime().isAfter(renewed));
    check(!told.contains("second leads"), "there were two leaders");
    first.cancel(true);
    eventually("second leads", () -> told.contains("second leads"));
    equal(lease.get().getSpec().getHolderIdentity(), "second");
    check(told.indexOf("first stops") < told.indexOf("second leads"), "there were two leaders: " + told);
    second.cancel(true);
  }
}
