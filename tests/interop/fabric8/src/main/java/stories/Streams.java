package stories;

import static stories.Main.check;
import static stories.Main.equal;
import static stories.Main.eventually;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/** What flows to and from a pod. */
final class Streams {
  private Streams() {}

  static void streams(KubernetesClient client, String namespace) throws Exception {
    var pods = client.pods().inNamespace(namespace);
    pods.resource(new PodBuilder()
            .withNewMetadata().withName("web").endMetadata()
            .withNewSpec()
            .addNewContainer().withName("main").withImage("nginx:1.27").addNewPort().withContainerPort(80).endPort()
            .endContainer().endSpec()
            .build())
        .create();
    var web = pods.withName("web");
    web.waitUntilReady(60, TimeUnit.SECONDS);
    eventually("a log", () -> !web.getLog().isEmpty());
    var followed = new ByteArrayOutputStream();
    try (var watch = web.tailingLines(1).watchLog(followed)) {
      eventually("a line of the log", () -> followed.size() > 0);
    }

    var out = new ByteArrayOutputStream();
    try (ExecWatch exec = web.writingOutput(out).exec("echo", "hello")) {
      equal(exec.exitCode().get(30, TimeUnit.SECONDS), 0);
    }
    equal(out.toString().trim(), "hello");
    try (ExecWatch exec = web.redirectingOutput().exec("sh", "-c", "exit 3")) {
      equal(exec.exitCode().get(30, TimeUnit.SECONDS), 3);
    }
    var typed = new ByteArrayOutputStream();
    try (ExecWatch exec = web.redirectingInput().writingOutput(typed).exec("cat")) {
      exec.getInput().write("typed\n".getBytes());
      exec.getInput().flush();
      eventually("what was typed", () -> typed.toString().equals("typed\n"));
    }

    var here = Files.createTempDirectory("pilothouse-upload");
    var file = Files.writeString(here.resolve("file.txt"), "uploaded\nwithout a newline at its end");
    check(web.file("/tmp/up/file.txt").upload(file), "the file was not uploaded");
    check(web.dir("/tmp/dir").upload(here), "the directory was not uploaded");
    try (var read = web.file("/tmp/up/file.txt").read()) {
      equal(new String(read.readAllBytes()), Files.readString(file));
    }
    var copied = here.resolve("copy");
    check(web.dir("/tmp/dir").copy(copied), "the directory was not copied");
    try (var files = Files.walk(copied)) {
      check(files.anyMatch(path -> path.endsWith("file.txt")), "the copy is empty");
    }

    try (LocalPortForward forward = web.portForward(80)) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + forward.getLocalPort() + "/")).build();
      HttpResponse<String> page = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      equal(page.statusCode(), 200);
      check(!page.body().isEmpty(), "nothing was served");
    }
  }
}
