package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leaders elected over a Lease. */
final class Leaders {
  private Leaders() {}

  private static LeaderElector candidate(ApiClient client, String namespace, String identity, List<String> told) {
    var lock = new LeaseLock(namespace, "leader", identity, client);
    var config = new LeaderElectionConfig(lock, Duration.ofSeconds(4), Duration.ofSeconds(3), Duration.ofMillis(300));
    var elector = new LeaderElector(config);
    Thread thread = new Thread(() -> elector.run(() -> told.add(identity + " leads"), () -> told.add(identity + " stops")));
    thread.setDaemon(true);
    thread.start();
    return elector;
  }

  /** One of two leads; when it steps down the other follows. */
  static void leaderElection(ApiClient client, String namespace) throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    LeaderElector first = candidate(client, namespace, "first", told);
    eventually("first leads", () -> told.contains("first leads"));
    candidate(client, namespace, "second", told);
    var leases = new CoordinationV1Api(client);
    var renewed = leases.readNamespacedLease("leader", namespace).execute().getSpec().getRenewTime();
    eventually("the lease is renewed",
        () -> leases.readNamespacedLease("leader", namespace).execute().getSpec().getRenewTime().isAfter(renewed));
    check(!told.contains("second leads"), "there were two leaders");
    first.close();
    eventually("second leads", () -> told.contains("second leads"));
    equal(leases.readNamespacedLease("leader", namespace).execute().getSpec().getHolderIdentity(), "second");
  }
}
