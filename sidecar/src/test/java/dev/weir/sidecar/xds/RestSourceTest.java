package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.SourceResources.clusterYaml;
import static dev.weir.sidecar.xds.SourceResources.endpointsYaml;
import static dev.weir.sidecar.xds.SourceResources.listenerYaml;
import static dev.weir.sidecar.xds.SourceResources.response;
import static dev.weir.sidecar.xds.SourceResources.rest;
import static dev.weir.sidecar.xds.SourceResources.routesYaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole sidecar whose configuration is asked for again and again. */
class RestSourceTest {
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();

  /** What is answered, by path; 404 for others. */
  private final Map<String, String> answers = new ConcurrentHashMap<>();

  /** The version that is answered with 304, by path. */
  private final Map<String, String> versions = new ConcurrentHashMap<>();

  private TestUpstream even;
  private TestUpstream odd;
  private TestUpstream server;

  @BeforeEach
  void start() throws IOException {
    even = TestUpstream.replying("even");
    odd = TestUpstream.replying("odd");
    server =
        TestUpstream.start((request, out) -> {
          String path = request.line().split(" ")[1];
          String answer = answers.get(path);
          if (answer == null) {
            return TestUpstream.reply(out, 404, "no such path");
          }
          boolean same = asked(request).getVersionInfo().equals(versions.get(path));
          return TestUpstream.reply(out, same ? 304 : 200, same ? "" : answer);
        });
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    odd.close();
    even.close();
  }

  private TestSidecar sidecar(String delay) {
    return TestSidecar.start(
        SourceResources.bootstrap(rest(delay), rest(delay), server.port(), ""),
        1,
        Optional.empty(),
        new PrintStream(complaints, true, StandardCharsets.UTF_8));
  }

  private static DiscoveryRequest asked(TestUpstream.Request request) {
    var read =
        ProtoReader.read(
            YamlReader.read("request", request.text()).documents().getFirst(),
            DiscoveryRequest.getDefaultInstance());
    assertEquals(List.of(), read.problems());
    return read.message();
  }

  /** What is to be answered from now on, in JSON. */
  private void answer(String type, ResourceType of, String version, String... resources) {
    DiscoveryResponse message =
        ProtoReader.read(
                YamlReader.read("test", response(of, version, resources)).documents().getFirst(),
                DiscoveryResponse.getDefaultInstance())
            .message();
    answers.put("/v3/discovery:" + type, JsonWriter.write(ProtoWriter.write(message)));
    versions.put("/v3/discovery:" + type, version);
  }

  private void answerAll(int port) {
    String source = rest("0.02s");
    answer("clusters", ResourceType.CLUSTER, "1", clusterYaml("a", source));
    answer("endpoints", ResourceType.ENDPOINTS, "1", endpointsYaml("a", port));
    answer("listeners", ResourceType.LISTENER, "1", listenerYaml("table", source));
    answer("routes", ResourceType.ROUTE, "1", routesYaml("table", "a"));
  }

  private static boolean answers(TestSidecar sidecar, String body) {
    if (!sidecar.sidecar().addresses().containsKey("in")) {
      return false;
    }
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").body().equals(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<DiscoveryRequest> requests(String type) {
    return server.all().stream()
        .filter(each -> each.line().startsWith("POST /v3/discovery:" + type + " "))
        .map(RestSourceTest::asked)
        .toList();
  }

  @Test
  void eachTypeIsAskedForAndAChangeReachesTraffic() {
    answerAll(even.port());
    try (TestSidecar sidecar = sidecar("0.02s")) {
      Await.until(() -> answers(sidecar, "even"));

      answer("endpoints", ResourceType.ENDPOINTS, "2", endpointsYaml("a", odd.port()));
      Await.until(() -> answers(sidecar, "odd"));
      Await.until(() -> requests("clusters").getLast().getVersionInfo().equals("1"));
    }
    DiscoveryRequest first = requests("clusters").getFirst();
    assertEquals("cart-0", first.getNode().getId());
    assertEquals("", first.getVersionInfo());
    assertEquals(ResourceType.CLUSTER.typeUrl(), first.getTypeUrl());
    assertEquals(List.of("a"), requests("endpoints").getFirst().getResourceNamesList());
    assertEquals("xds", server.all().getFirst().field("host"));
    assertEquals("application/json", server.all().getFirst().field("content-type"));
  }

  /** A server answers 304 to a version that it knows, whatever names are asked for. */
  @Test
  void namesThatAreNewAreAskedForWithoutAVersion() {
    answerAll(even.port());
    try (TestSidecar sidecar = sidecar("0.02s")) {
      Await.until(() -> answers(sidecar, "even"));
      String source = rest("0.02s");
      String old = Objects.requireNonNull(answers.get("/v3/discovery:endpoints"));
      answers.put(
          "/v3/discovery:endpoints",
          old.replace("\"a\"", "\"b\"")
              .replace(String.valueOf(even.port()), String.valueOf(odd.port())));

      answer("clusters", ResourceType.CLUSTER, "2", clusterYaml("b", source));
      answer("routes", ResourceType.ROUTE, "2", routesYaml("table", "b"));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  @Test
  void whatIsRefusedOrUnreadableLeavesTheLastGoodOne() {
    answerAll(even.port());
    try (TestSidecar sidecar = sidecar("0.02s")) {
      Await.until(() -> answers(sidecar, "even"));

      answer("clusters", ResourceType.CLUSTER, "2", "{name: a, lb_policy: RING_HASH}");
      Await.until(() -> told("cluster \"a\": lb_policy: RING_HASH is not supported"));
      assertEquals("1", requests("clusters").getLast().getVersionInfo());
      answers.put("/v3/discovery:clusters", "{\"resources\": [");
      Await.until(() -> told("cannot be asked (the answer:"));
      answers.remove("/v3/discovery:clusters");
      Await.until(() -> told("cannot be asked (HTTP status 404: no such path)"));

      assertTrue(answers(sidecar, "even"));
      answer("clusters", ResourceType.CLUSTER, "3", clusterYaml("a", rest("0.02s")));
      Await.until(() -> requests("clusters").getLast().getVersionInfo().equals("3"));
      assertTrue(sidecar.stat("cluster_manager.cds.update_rejected") > 0);
      assertTrue(sidecar.stat("cluster_manager.cds.update_failure") > 1);
      assertEquals(2, sidecar.stat("cluster_manager.cds.update_success"));
      assertEquals(1, sidecar.stat("listener_manager.lds.update_success"));
      assertEquals(0, sidecar.stat("listener_manager.lds.update_failure"));
      assertTrue(sidecar.stat("listener_manager.lds.update_attempt") > 1);
    }
  }

  @Test
  void aServerThatIsGoneAndComesBackIsAskedAgain() throws IOException {
    answerAll(even.port());
    try (TestSidecar sidecar = sidecar("0.02s")) {
      Await.until(() -> answers(sidecar, "even"));
      server.script((request, out) -> false);
      Await.until(() -> told("cannot be asked ("));
      assertTrue(answers(sidecar, "even"));

      server.script((request, out) ->
          TestUpstream.reply(out, 200, String.valueOf(answers.get(request.line().split(" ")[1]))));
      answer("endpoints", ResourceType.ENDPOINTS, "2", endpointsYaml("a", odd.port()));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  /** The pause is the delay and up to as much again. */
  @Test
  void theNextQuestionComesAfterTheRefreshDelay() {
    answerAll(even.port());
    long began = System.nanoTime();
    try (TestSidecar _ = sidecar("0.3s")) {
      Await.until(() -> requests("clusters").size() == 3);
    }
    assertTrue(System.nanoTime() - began >= 600_000_000L);
  }

  @Test
  void anAnswerThatTakesLongerThanTheRequestTimeoutIsNotWaitedFor() {
    server.script((request, out) -> true); // and says nothing
    String source = rest("0.02s").replace("request_timeout: 5s", "request_timeout: 0.05s");
    try (TestSidecar _ =
        TestSidecar.start(
            SourceResources.bootstrap(source, source, server.port(), ""),
            1,
            Optional.empty(),
            new PrintStream(complaints, true, StandardCharsets.UTF_8))) {
      Await.until(() -> told("cannot be asked (no answer within 50 ms)"));
    }
  }

  private boolean told(String part) {
    return complaints.toString(StandardCharsets.UTF_8).contains(part);
  }
}
