package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.SotwDialect;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** The law of {@link DeltaLawTest}, as far as state of the world can say what is gone. */
class SotwLawTest {
  private static final String SERVICES = "abcd";

  @Property(tries = 100)
  void changesAppliedOneByOneAreTheSnapshot(
      @ForAll @Size(max = 8)
          List<@StringLength(max = 4) @CharRange(from = 'a', to = 'd') String> steps,
      @ForAll @Size(min = 8, max = 8) List<Boolean> answers) {
    OneMesh mesh = new OneMesh();
    mesh.services("own");
    Client client = new Client(mesh);
    client.subscribe();
    for (int i = 0; i < steps.size(); i++) {
      List<String> services = new ArrayList<>(List.of("own"));
      steps
          .get(i)
          .chars()
          .distinct()
          .forEach(letter -> services.add(String.valueOf((char) letter)));
      mesh.services(services.toArray(String[]::new));
      client.stream.refresh();
      if (answers.get(i)) {
        client.answerOne();
      }
    }
    client.answerAll();
    var snapshot = client.stream.snapshot().orElseThrow();
    for (ResourceType type : ResourceType.values()) {
      Map<String, Any> wanted = new TreeMap<>();
      snapshot.of(type).forEach(one -> wanted.put(one.name(), one.resource().getResource()));
      Map<String, Any> has = new TreeMap<>(client.has.getOrDefault(type, Map.of()));
      if (!type.wildcard()) {
        wanted.keySet().retainAll(Client.names());
        has.keySet().retainAll(wanted.keySet());
      }
      assertEquals(wanted, has, type.toString());
    }
  }

  /** Takes what comes, and checks after each response that its listeners lead somewhere. */
  private static final class Client implements Peer<DiscoveryResponse> {
    private final Map<ResourceType, Map<String, Any>> has = new EnumMap<>(ResourceType.class);
    private final Deque<DiscoveryResponse> unanswered = new ArrayDeque<>();
    private final AdsStream<DiscoveryRequest, DiscoveryResponse> stream;

    Client(OneMesh mesh) {
      this.stream =
          new AdsStream<>(
              1,
              new SotwDialect(ControlPlane.getDefaultInstance()),
              this,
              mesh,
              new Caller.Anyone());
    }

    static List<String> names() {
      return SERVICES.chars().mapToObj(letter -> "outbound|8080|shop/" + (char) letter).toList();
    }

    private static List<String> wanted(ResourceType type) {
      return type.wildcard() || type == ResourceType.DESTINATION ? List.of() : names();
    }

    void subscribe() {
      for (ResourceType type : ResourceType.values()) {
        stream.request(
            DiscoveryRequest.newBuilder()
                .setNode(Nodes.sidecar("a", "own", "10.0.0.1"))
                .setTypeUrl(type.typeUrl())
                .addAllResourceNames(wanted(type))
                .build());
      }
    }

    void answerOne() {
      DiscoveryResponse response = unanswered.poll();
      if (response != null) {
        stream.request(
            DiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setVersionInfo(response.getVersionInfo())
                .setResponseNonce(response.getNonce())
                .addAllResourceNames(wanted(ResourceType.of(response.getTypeUrl()).orElseThrow()))
                .build());
      }
    }

    void answerAll() {
      for (int answers = 0; !unanswered.isEmpty(); answers++) {
        assertTrue(answers < 50, "it never comes to an end");
        answerOne();
      }
    }

    @Override
    public boolean ready(long bytes) {
      return true;
    }

    @Override
    public void send(ResourceType type, DiscoveryResponse response) {
      assertTrue(
          unanswered.stream().noneMatch(other -> other.getTypeUrl().equals(type.typeUrl())),
          "two of a type on their way");
      unanswered.add(response);
      Map<String, Any> of = has.computeIfAbsent(type, key -> new TreeMap<>());
      if (type.wildcard()) {
        of.clear();
      }
      response.getResourcesList().forEach(resource -> of.put(SotwClient.name(resource), resource));
      has.getOrDefault(ResourceType.LISTENER, Map.of()).values().forEach(this::leadsSomewhere);
    }

    private void leadsSomewhere(Any resource) {
      try {
        for (FilterChain chain : resource.unpack(Listener.class).getFilterChainsList()) {
          if (chain.getName().startsWith("outbound|")) {
            assertTrue(
                has.getOrDefault(ResourceType.CLUSTER, Map.of()).containsKey(chain.getName()),
                () -> "no cluster for " + chain.getName());
          }
        }
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void end(Status status) {
      throw new AssertionError(status);
    }
  }
}
