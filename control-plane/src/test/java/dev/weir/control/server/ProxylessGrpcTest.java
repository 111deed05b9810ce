package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.control.TestControlPlane;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC's own libraries, without a proxy, go by the same policies. */
@SuppressWarnings("NullAway.Init")
@Tag("slow")
class ProxylessGrpcTest {
  private static final String BOOTSTRAP = "io.grpc.xds.bootstrapConfig";
  private static final MethodDescriptor<String, String> SAY =
      MethodDescriptor.newBuilder(new Text(), new Text())
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Greeter/Say")
          .build();

  @TempDir static Path folder;
  private static Server one;
  private static Server two;
  private static TestControlPlane controlPlane;

  /** Once: the library reads its bootstrap once in a program's life. */
  @BeforeAll
  static void start() throws IOException {
    one = server("one");
    two = server("two");
    mesh("");
    controlPlane = new TestControlPlane(folder);
    System.setProperty(BOOTSTRAP, bootstrap());
  }

  private static String bootstrap() {
    return """
    {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}],
      "server_features": ["xds_v3"]}],
     "node": {"id": "caller-1", "metadata": {"WEIR_SERVICE": "one", "WEIR_NAMESPACE": "shop"}}}
    """
        .formatted(controlPlane.listen().getPort());
  }

  @AfterAll
  static void stop() throws IOException {
    System.clearProperty(BOOTSTRAP);
    controlPlane.close();
    one.shutdownNow();
    two.shutdownNow();
  }

  private static Server server(String name) throws IOException {
    return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .addService(
            ServerServiceDefinition.builder("test.Greeter")
                .addMethod(
                    SAY,
                    ServerCalls.asyncUnaryCall((request, responses) -> {
                      responses.onNext(name);
                      responses.onCompleted();
                    }))
                .build())
        .build()
        .start();
  }

  /** Two services, and what is written of the route of calls to the first. */
  private static void mesh(String route) throws IOException {
    StringBuilder yaml = new StringBuilder();
    for (Map.Entry<String, Server> service : Map.of("one", one, "two", two).entrySet()) {
      yaml.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: %1$s, namespace: shop}
          spec: {ports: [{name: grpc, port: 8080}]}
          ---
          apiVersion: v1
          kind: Endpoints
          metadata: {name: %1$s, namespace: shop}
          subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{name: grpc, port: %2$d}]}]
          """
              .formatted(service.getKey(), service.getValue().getPort()));
    }
    Files.writeString(folder.resolve("mesh.yaml"), yaml + route);
  }

  private static String route(String backends) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: GRPCRoute
    metadata: {name: one, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: one}]
      rules: [{backendRefs: [%s]}]
    """
        .formatted(backends);
  }

  private static String say(ManagedChannel channel) {
    return ClientCalls.blockingUnaryCall(
        channel, SAY, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "hello");
  }

  private static ManagedChannel channel(String target) {
    return Grpc.newChannelBuilder("xds:///" + target, InsecureChannelCredentials.create()).build();
  }

  /** A program with another language's library, which calls a target so many times. */
  private static final class Peer {
    private final List<String> command;

    Peer(String... command) {
      this.command = List.of(command);
    }

    /** Answers and how often each came. */
    Map<String, Integer> call(String target, int times) throws IOException, InterruptedException {
      List<String> words = new ArrayList<>(command);
      words.addAll(List.of("xds:///" + target, Integer.toString(times)));
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.environment().put("GRPC_XDS_BOOTSTRAP_CONFIG", bootstrap());
      Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), out);
      Map<String, Integer> answers = new HashMap<>();
      out.lines()
          .forEach(line -> {
            int space = line.indexOf(' ');
            answers.put(line.substring(space + 1), Integer.valueOf(line.substring(0, space)));
          });
      return answers;
    }
  }

  private static void assertGoesByTheSamePolicies(Peer peer) throws Exception {
    mesh("");
    assertEquals(Map.of("two", 50), peer.call("two.shop.svc.cluster.local:8080", 50));
    mesh(route("{name: one, port: 8080, weight: 80}, {name: two, port: 8080, weight: 20}"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!peer.call("one.shop:8080", 50).containsKey("two")) {
      assertTrue(System.nanoTime() < end, "the route is not in force");
    }
    Map<String, Integer> answers = peer.call("one.shop:8080", 1000);
    assertEquals(1000, answers.values().stream().mapToInt(each -> each).sum());
    // Five standard deviations of a binomial of 1,000 and 0.2.
    assertEquals(200, answers.getOrDefault("two", 0), 64, answers.toString());
  }

  @Test
  @Tag("envoy") // a peer that has to be installed
  void pythonsLibraryGoesByTheSamePolicies() throws Exception {
    String python = System.getenv("WEIR_GRPCIO");
    if (python == null) {
      throw new AssertionError(
          "no grpcio: install one (pip install grpcio) and name its python in WEIR_GRPCIO, or leave"
              + " these tests out with -Dweir.test.excluded=envoy");
    }
    assertGoesByTheSamePolicies(new Peer(python, "src/test/resources/peers/grpcio.py"));
  }

  @Test
  @Tag("envoy") // a peer that has to be built
  void gosLibraryGoesByTheSamePolicies() throws Exception {
    String program = System.getenv("WEIR_GRPC_GO");
    if (program == null) {
      throw new AssertionError(
          "no client of grpc-go: build src/test/resources/peers/grpcgo, as scripts/lib/install.sh"
              + " does, and name it in WEIR_GRPC_GO, or leave these tests out with"
              + " -Dweir.test.excluded=envoy");
    }
    assumeTrue(!program.isEmpty(), "no Go here to build a client of grpc-go with");
    assertGoesByTheSamePolicies(new Peer(program));
  }

  @Test
  void serviceIsCalledByItsNameAndRoutesHoldAsTheyChange() throws IOException {
    mesh("");
    ManagedChannel channel = channel("one.shop:8080");
    ManagedChannel longer = channel("two.shop.svc.cluster.local:8080");
    try {
      for (int i = 0; i < 50; i++) {
        assertEquals("one", say(channel));
        assertEquals("two", say(longer));
      }
      mesh(route("{name: one, port: 8080, weight: 80}, {name: two, port: 8080, weight: 20}"));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (say(channel).equals("one")) {
        assertTrue(System.nanoTime() < end, "the route is not in force");
      }
      Map<String, Integer> answers = new HashMap<>();
      for (int i = 0; i < 1000; i++) {
        answers.merge(say(channel), 1, Integer::sum);
      }
      // Five standard deviations of a binomial of 1,000 and 0.2.
      assertEquals(200, answers.getOrDefault("two", 0), 64, answers.toString());
    } finally {
      channel.shutdownNow();
      longer.shutdownNow();
    }
  }

  /** Texts as they are. */
  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
