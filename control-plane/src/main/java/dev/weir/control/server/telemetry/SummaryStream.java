package dev.weir.control.server.telemetry;

import com.google.protobuf.Duration;
import dev.weir.control.server.Caller;
import dev.weir.control.server.Guests.Guest;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.MeshEvent.Kind;
import dev.weir.control.traffic.Sample;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The stream of one of Weir's sidecars. */
final class SummaryStream extends TellingStream<TrafficSummary, SummaryRequest> {
  private static final int MOST_EDGES = 10_000;
  private static final int MOST_BREAKERS = 2_000;

  /** By number. */
  private final Map<Integer, Told> edges = new HashMap<>();

  /** Those that are not well. */
  private final Set<BreakerChange> open = new HashSet<>();

  private @Nullable OwnEdges own;
  private boolean told;

  SummaryStream(Hearing hearing, ServerCallStreamObserver<SummaryRequest> answers, Caller caller) {
    super(hearing, answers, caller);
  }

  @Override
  Node node(TrafficSummary first) {
    return first.getNode();
  }

  @Override
  long residentBytes(TrafficSummary summary) {
    return Math.max(0, summary.getResidentBytes());
  }

  @Override
  SummaryRequest begun(Guest guest) {
    own = new OwnEdges(guest);
    java.time.Duration interval = hearing.interval();
    return SummaryRequest.newBuilder()
        .setInterval(
            Duration.newBuilder().setSeconds(interval.getSeconds()).setNanos(interval.getNano()))
        .build();
  }

  @Override
  void take(TrafficSummary summary, Guest guest, long now) throws StatusException {
    for (int i = 0; i < summary.getEdgesCount(); i++) {
      take(summary.getEdges(i), guest, "edges[" + i + "]", now);
    }
    if (summary.getBreakersCount() > MOST_BREAKERS) {
      throw SummaryReader.invalid("breakers", "are more than " + MOST_BREAKERS);
    }
    for (int i = 0; i < summary.getBreakersCount(); i++) {
      take(summary.getBreakers(i), guest, "breakers[" + i + "]", now);
    }
    hearing.meters().summary(Math.max(0, summary.getFolded()));
  }

  private void take(EdgeSummary message, Guest guest, String field, long now)
      throws StatusException {
    if (message.hasEdge()) {
      if (edges.size() >= MOST_EDGES) {
        throw SummaryReader.invalid(field + ".edge", "is one more than " + MOST_EDGES);
      }
      if (edges.put(message.getId(), known(message, guest, field + ".edge")) != null) {
        throw SummaryReader.invalid(field + ".id", "is another edge's");
      }
    }
    Told known = edges.get(message.getId());
    if (known == null) {
      throw SummaryReader.invalid(field + ".edge", "is missing");
    }
    Edge edge = known.edge();
    if (edge != null) {
      Sample sample = SummaryReader.sample(message, edge, known, field);
      if (sample.count() > 0) {
        hearing.store().add(sample, now);
      }
    }
  }

  private Told known(EdgeSummary message, Guest guest, String field) throws StatusException {
    Told read = SummaryReader.edge(message.getEdge(), field);
    Edge edge = read.edge();
    if (own == null || edge == null || own.has(edge, read.reporter())) {
      return read;
    }
    hearing.meters().refusedEdge();
    if (!told) {
      told = true;
      hearing
          .wrong()
          .accept(
              "%s, which is %s, tells of calls of %s to %s, which are not its own; it is not heard"
                  .formatted(guest.proxy().id(), own.account(), edge.source(), edge.destination()));
    }
    return new Told(null, read.reporter(), read.outcome());
  }

  private void take(BreakerChange change, Guest guest, String field, long now)
      throws StatusException {
    SummaryReader.check(change, field);
    BreakerChange which = change.toBuilder().clearState().build();
    boolean other =
        switch (change.getState()) {
          case OPEN, EJECTED -> open.size() < MOST_BREAKERS && open.add(which);
          case CLOSED, BACK -> open.remove(which);
          default -> false;
        };
    if (other) {
      boolean well = !open.contains(which);
      hearing
          .marks()
          .add(
              well ? Kind.HEALED : Kind.OPENED,
              change.getPolicy(),
              change.getDestination(),
              change.getInstance(),
              guest.proxy().id(),
              now);
    }
  }
}
