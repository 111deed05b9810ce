package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * A real Kubernetes API server with its etcd, on ports of loopback. Nobody controls anything in it:
 * no controller makes service accounts or endpoints, and no pod ever runs.
 */
public final class KubeApi implements AutoCloseable {
  private static final long LONGEST_START_NANOS = 60_000_000_000L;
  private static final int TRIES = 3;

  private final Path folder;
  private final TestCa ca;
  private final String token = UUID.randomUUID().toString();
  private final List<Process> processes = new ArrayList<>();
  private int port;

  private KubeApi(Path folder) {
    this.folder = folder;
    this.ca = TestCa.create(folder, "kubernetes");
  }

  /** The one of this JVM, which takes some seconds to start; it ends with the JVM. */
  public static KubeApi shared() {
    return Shared.ONE;
  }

  /**
   * One of one's own.
   *
   * @param folder where its files go; a short-lived one
   */
  public static KubeApi start(Path folder) throws IOException {
    KubeApi api = new KubeApi(Files.createTempDirectory(folder, "kube-api"));
    for (int left = TRIES - 1; ; left--) {
      try {
        api.launch();
        return api;
      } catch (IOException | AssertionError e) {
        api.close();
        if (left == 0) { // else another program may have got a port meanwhile
          throw e;
        }
      }
    }
  }

  /** As {@code https://127.0.0.1:40123}. */
  public String url() {
    return "https://127.0.0.1:" + port;
  }

  /** Of an administrator, who may do anything: {@code Authorization: Bearer}. */
  public String token() {
    return token;
  }

  /** Of the server's certificate's authority, in PEM. */
  public Path caCertificate() {
    return ca.certificate();
  }

  /** For a client that trusts the server. */
  public SSLContext trust() {
    return ca.context();
  }

  /** An administrator's. */
  public Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  /**
   * What {@code kubectl} prints, of both kinds.
   *
   * @throws AssertionError if its status is another than 0
   */
  public String kubectl(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(KubernetesPrograms.find("kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig());
    command.add("--cache-dir=" + folder.resolve("discovery"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (ended(process) != 0) {
      throw new AssertionError(String.join(" ", words) + ": " + said);
    }
    return said;
  }

  /** Makes a namespace, unless there is one of the name. */
  public void namespace(String name) throws IOException {
    Path file =
        Files.writeString(
            Files.createTempFile(folder, "namespace", ".yaml"),
            "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(name));
    kubectl("apply", "--server-side", "-f", file.toString());
  }

  private void launch() throws IOException {
    int[] ports = freePorts(3);
    String etcd = "http://127.0.0.1:" + ports[0];
    String peer = "http://127.0.0.1:" + ports[1];
    port = ports[2];
    TestCa.Issued server =
        ca.issue("127.0.0.1", "localhost", "kubernetes", "kubernetes.default.svc");
    TestCa.Issued accounts = ca.issue("service-accounts");
    Path tokens =
        Files.writeString(folder.resolve("tokens.csv"), token + ",admin,1,system:masters\n");
    run(
        "etcd",
        "--name=test",
        "--data-dir=" + Files.createTempDirectory(folder, "etcd"),
        "--listen-client-urls=" + etcd,
        "--advertise-client-urls=" + etcd,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=test=" + peer,
        "--unsafe-no-fsync");
    run(
        "kube-apiserver",
        "--etcd-servers=" + etcd,
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--secure-port=" + port,
        "--tls-cert-file=" + server.chain(),
        "--tls-private-key-file=" + server.key(),
        "--token-auth-file=" + tokens,
        "--authorization-mode=RBAC",
        // Else a pod wants a service account, which a controller would make.
        "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + accounts.chain(),
        "--service-account-signing-key-file=" + accounts.key(),
        "--service-cluster-ip-range=10.96.0.0/16");
    Files.writeString(kubeconfig(), kubeconfigText());
    awaitReady();
  }

  private String kubeconfigText() throws IOException {
    String authority = Base64.getEncoder().encodeToString(Files.readAllBytes(caCertificate()));
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - {name: test, cluster: {server: "%s", certificate-authority-data: %s}}
    users:
    - {name: admin, user: {token: %s}}
    contexts:
    - {name: test, context: {cluster: test, user: admin}}
    current-context: test
    """
        .formatted(url(), authority, token);
  }

  private void run(String program, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(KubernetesPrograms.find(program).toString());
    command.addAll(List.of(words));
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log(program).toFile())
            .start());
  }

  private Path log(String program) {
    return folder.resolve(program + ".log");
  }

  private void awaitReady() throws IOException {
    long until = System.nanoTime() + LONGEST_START_NANOS;
    try (HttpClient client = HttpClient.newBuilder().sslContext(trust()).build()) {
      while (!ready(client)) {
        if (System.nanoTime() - until > 0 || processes.stream().anyMatch(one -> !one.isAlive())) {
          throw new AssertionError(
              "the API server has not started: "
                  + Files.readString(log("kube-apiserver"))
                  + Files.readString(log("etcd")));
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  private boolean ready(HttpClient client) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url() + "/readyz"))
              .header("Authorization", "Bearer " + token)
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // not yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Ports that are free now, each another. */
  private static int[] freePorts(int number) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < number; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private static int ended(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Ends both programs. */
  @Override
  public void close() {
    for (Process process : processes.reversed()) {
      process.destroyForcibly(); // there is nothing to be kept
      ended(process);
    }
    processes.clear();
  }

  private static final class Shared {
    static final KubeApi ONE = start();

    private static KubeApi start() {
      try {
        Path folder = Files.createTempDirectory("weir-kubernetes");
        KubeApi api = KubeApi.start(folder);
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(() -> {
                  api.close();
                  delete(folder);
                }));
        return api;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
