package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.DeltaDialect;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Whatever changes, and however slowly a client answers, it ends with the mesh as it is. */
class DeltaLawTest {
  private static final String SERVICES = "abcd";

  @Property(tries = 100)
  void changesAppliedOneByOneAreTheSnapshot(
      @ForAll @Size(max = 8)
          List<@StringLength(max = 4) @CharRange(from = 'a', to = 'd') String> steps,
      @ForAll @Size(min = 8, max = 8) List<Boolean> answers,
      @ForAll boolean notes) {
    OneMesh mesh = new OneMesh();
    mesh.services("own");
    Client client = new Client(mesh, notes);
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
      Map<String, String> versions = new TreeMap<>();
      snapshot.of(type).forEach(resource -> versions.put(resource.name(), resource.version()));
      if (!type.wildcard()) {
        versions.keySet().retainAll(Client.names());
      }
      assertEquals(versions, client.versions(type), type.toString());
    }
    assertTrue(ProxyReport.look(client.stream, client.proxy()).isInSync());
  }

  /** Takes what comes, and checks after each response that its listeners lead somewhere. */
  private static final class Client implements Peer<DeltaDiscoveryResponse> {
    private final Map<ResourceType, Map<String, Resource>> has = new EnumMap<>(ResourceType.class);
    private final Deque<DeltaDiscoveryResponse> unanswered = new ArrayDeque<>();
    private final Map<ResourceType, String> toNote = new EnumMap<>(ResourceType.class);
    private final Set<ResourceType> noted = EnumSet.noneOf(ResourceType.class);
    private final boolean notes;
    private final AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;

    /**
     * @param notes whether answers are noted that need not come to the stream
     */
    Client(OneMesh mesh, boolean notes) {
      this.notes = notes;
      this.stream =
          new AdsStream<>(
              1,
              new DeltaDialect(ControlPlane.getDefaultInstance()),
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
            DeltaDiscoveryRequest.newBuilder()
                .setNode(Nodes.sidecar("a", "own", "10.0.0.1"))
                .setTypeUrl(type.typeUrl())
                .addAllResourceNamesSubscribe(wanted(type))
                .build());
      }
    }

    void answerOne() {
      DeltaDiscoveryResponse response = unanswered.poll();
      if (response != null && !takesNote(response)) {
        stream.request(
            DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .build());
      }
    }

    private boolean takesNote(DeltaDiscoveryResponse response) {
      ResourceType type = ResourceType.of(response.getTypeUrl()).orElseThrow();
      return toNote.remove(type, response.getNonce()) && noted.add(type);
    }

    @Override
    public void note(ResourceType type, String nonce) {
      if (notes) {
        toNote.put(type, nonce);
      }
    }

    @Override
    public boolean noted(ResourceType type) {
      toNote.remove(type);
      return noted.remove(type);
    }

    Proxy proxy() {
      return stream.proxy().orElseThrow();
    }

    void answerAll() {
      for (int answers = 0; !unanswered.isEmpty(); answers++) {
        assertTrue(answers < 50, "it never comes to an end");
        answerOne();
      }
    }

    Map<String, String> versions(ResourceType type) {
      Map<String, String> versions = new TreeMap<>();
      has.getOrDefault(type, Map.of())
          .forEach((name, resource) -> versions.put(name, resource.getVersion()));
      return versions;
    }

    @Override
    public boolean ready(long bytes) {
      return true;
    }

    @Override
    public void send(ResourceType type, DeltaDiscoveryResponse response) {
      assertTrue(
          unanswered.stream().noneMatch(other -> other.getTypeUrl().equals(type.typeUrl())),
          "two of a type on their way");
      unanswered.add(response);
      Map<String, Resource> of = has.computeIfAbsent(type, key -> new TreeMap<>());
      response.getResourcesList().forEach(resource -> of.put(resource.getName(), resource));
      response.getRemovedResourcesList().forEach(of::remove);
      has.getOrDefault(ResourceType.LISTENER, Map.of()).values().forEach(this::leadsSomewhere);
    }

    private void leadsSomewhere(Resource resource) {
      try {
        for (FilterChain chain :
            resource.getResource().unpack(Listener.class).getFilterChainsList()) {
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
