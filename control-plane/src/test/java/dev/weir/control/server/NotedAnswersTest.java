package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.LISTENER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.DeltaDialect;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which answers need not come to a stream, and what becomes of those that are noted instead. */
class NotedAnswersTest {
  private static final String A = "outbound|8080|shop/a";

  private final OneMesh mesh = new OneMesh();
  private final NotingPeer peer = new NotingPeer();
  private final DeltaDialect dialect = new DeltaDialect(ControlPlane.getDefaultInstance());
  private final AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      new AdsStream<>(1, dialect, peer, mesh, new Caller.Anyone());

  /** Notes the answers that it may. */
  private static final class NotingPeer implements Peer<DeltaDiscoveryResponse> {
    final List<DeltaDiscoveryResponse> sent = new ArrayList<>();
    final Map<ResourceType, String> toNote = new EnumMap<>(ResourceType.class);
    final Set<ResourceType> noted = EnumSet.noneOf(ResourceType.class);
    final List<ResourceType> answered = new ArrayList<>();

    /** Whether an answer to what was sent last is noted. */
    boolean take() {
      ResourceType type = ResourceType.of(sent.getLast().getTypeUrl()).orElseThrow();
      return toNote.remove(type, sent.getLast().getNonce()) && noted.add(type);
    }

    @Override
    public void note(ResourceType type, String nonce) {
      toNote.put(type, nonce);
    }

    @Override
    public boolean noted(ResourceType type) {
      toNote.remove(type);
      return noted.remove(type);
    }

    @Override
    public void answered(ResourceType type) {
      answered.add(type);
    }

    @Override
    public boolean ready(long bytes) {
      return true;
    }

    @Override
    public void send(ResourceType type, DeltaDiscoveryResponse response) {
      sent.add(response);
    }

    @Override
    public void end(Status status) {
      throw new AssertionError(status);
    }
  }

  private static DeltaDiscoveryRequest.Builder delta(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(Nodes.sidecar("x", "a", "10.0.0.1"))
        .setTypeUrl(type.typeUrl());
  }

  private DeltaDiscoveryRequest.Builder answer() {
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(peer.sent.getLast().getTypeUrl())
        .setResponseNonce(peer.sent.getLast().getNonce());
  }

  private DeltaDiscoveryRequest.Builder refusal() {
    return answer().setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("no"));
  }

  private boolean isInSync() {
    return ProxyReport.look(stream, stream.proxy().orElseThrow()).isInSync();
  }

  @Test
  void answerThatNothingFollowsFromIsInForceWhenSomebodyLooks() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    assertFalse(isInSync());
    assertTrue(peer.take());
    mesh.later(Duration.ofMinutes(1));
    assertFalse(stream.isStuckSince(mesh.uptime()), "it has answered");
    assertEquals(List.of(CLUSTER), peer.answered);
    assertTrue(isInSync());
  }

  @Test
  void newsGoOutAfterANotedAnswer() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    assertTrue(peer.take());
    mesh.services("a", "b");
    stream.refresh();
    assertEquals(2, peer.sent.size());
    assertFalse(isInSync());
    assertTrue(peer.take());
    assertTrue(isInSync());
  }

  @Test
  void answerThatSomethingWaitsForComesToTheStream() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    mesh.services("a", "b");
    stream.refresh();
    assertFalse(peer.take());
    stream.request(answer().build());
    assertEquals(2, peer.sent.size());
    assertTrue(peer.take());
  }

  @Test
  void answersAreNotNotedWhileARefusalStands() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    stream.request(refusal().build());
    mesh.services("a", "b");
    stream.refresh();
    assertFalse(peer.take());
    stream.request(answer().build());
    assertEquals(2, peer.sent.size(), "it took another name than those that it refused");
  }

  @Test
  void whoAnsweredHasWhatDoesNotConcernItToo() {
    mesh.services("a");
    stream.request(delta(ENDPOINTS).addResourceNamesSubscribe(A).build());
    mesh.services("a", "b");
    stream.refresh();
    assertEquals(1, peer.sent.size());
    assertTrue(peer.take());
    assertTrue(isInSync());
  }

  @Test
  void whoOwesAnotherAnswerIsStuckSinceItWasSeenToAnswer() {
    mesh.services("a");
    stream.request(delta(LISTENER).build());
    stream.request(delta(CLUSTER).build());
    mesh.later(Duration.ofMinutes(1));
    assertTrue(peer.take());
    assertFalse(stream.isStuckSince(mesh.uptime()));
    mesh.later(Duration.ofMinutes(1));
    assertTrue(stream.isStuckSince(mesh.uptime()));
  }

  @Test
  void whatSaysMoreThanThatItTookAResponseComesToTheStream() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    assertTrue(dialect.onlyTakes(answer().build()));
    assertFalse(dialect.onlyTakes(refusal().build()));
    assertFalse(dialect.onlyTakes(answer().addResourceNamesSubscribe(A).build()));
    assertFalse(dialect.onlyTakes(answer().addResourceNamesUnsubscribe(A).build()));
    assertFalse(dialect.onlyTakes(delta(CLUSTER).build()));
  }
}
