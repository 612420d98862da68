package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.kubernetes.client.Copy;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What flows to and from a pod. */
final class Streams {
  private Streams() {}

  static void streams(ApiClient client, String namespace) throws Exception {
    CoreV1Api core = new CoreV1Api(client);
    var container = new V1Container().name("main").image("registry.k8s.io/e2e-test-images/agnhost:2.53").addArgsItem("netexec");
    core.createNamespacedPod(namespace, new V1Pod().metadata(new V1ObjectMeta().name("web"))
        .spec(new V1PodSpec().addContainersItem(container))).execute();
    eventually("the pod runs", () -> "Running".equals(core.readNamespacedPod("web", namespace).execute().getStatus().getPhase()));
    var pod = core.readNamespacedPod("web", namespace).execute();
    try (var log = new PodLogs(client).streamNamespacedPodLog(pod)) {
      check(new String(log.readNBytes(7), StandardCharsets.UTF_8).equals("Started"), "the log says something else");
    }

    // The client forgets what a command said that ends before it is asked for.
    Process echo = new Exec(client).exec(pod, new String[] {"sh", "-c", "sleep 1; echo hello; sleep 1; exit 3"}, false);
    equal(new String(echo.getInputStream().readAllBytes(), StandardCharsets.UTF_8), "hello\n");
    check(echo.waitFor(30, TimeUnit.SECONDS), "the command does not end");
    equal(echo.exitValue(), 3);

    Path file = Files.writeString(Files.createTempFile("pilothouse", ".txt"), "copied\nwithout a newline at its end");
    Copy copy = new Copy(client);
    copy.copyFileToPod(namespace, "web", "main", file, Path.of("/tmp/copied"));
    eventually("the copy", () -> {
      try (var read = copy.copyFileFromPod(namespace, "web", "main", "/tmp/copied")) {
        return new String(read.readAllBytes(), StandardCharsets.UTF_8).equals(Files.readString(file));
      }
    });

    var forward = new PortForward(client).forward(pod, List.of(8080));
    forward.getOutboundStream(8080).write("GET /hostname HTTP/1.1\r\nHost: web\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    forward.getOutboundStream(8080).flush();
    equal(new String(forward.getInputStream(8080).readNBytes(8), StandardCharsets.UTF_8), "HTTP/1.1");
  }
}
