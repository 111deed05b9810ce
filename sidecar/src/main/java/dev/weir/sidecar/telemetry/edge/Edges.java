package dev.weir.sidecar.telemetry.edge;

import dev.weir.sidecar.config.cluster.ClusterService;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Downstream;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.edge.Edge.Protocol;
import dev.weir.sidecar.telemetry.edge.Edge.Reporter;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.trace.TraceHeaders;
import dev.weir.sidecar.transport.TlsSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts each stream by its {@link Edge}. Of edges with names there are so many at most; what comes
 * beyond is counted by edges without, of which there are few, and as folded. An edge of which
 * nothing was seen for long makes room when there is little.
 */
public final class Edges implements StreamObserver {
  /** Edges with names, unless the operator says otherwise. */
  public static final int DEFAULT_MOST = 1000;

  /** Keys that a loop keeps for each edge that may be: clusters share services. */
  private static final int KEYS_TO_AN_EDGE = 2;

  /** Sweeps without a stream, after which an edge may make room. */
  private static final int IDLE_SWEEPS = 60;

  private static final int CLASSES = 5;
  private static final int NO_GRPC = -1;

  private final int loops;
  private final int most;
  private final Workload own;
  private final Function<String, @Nullable Target> targets;
  private final List<EdgeTable> tables = new ArrayList<>();
  private final Map<Edge, CountedEdge> named = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();
  private final Map<Edge, CountedEdge> others = new ConcurrentHashMap<>();
  private final LongAdder folded = new LongAdder();

  /**
   * @param most edges with names
   * @param own the workload beside us
   * @param targets whose a cluster is, by its name; null for one that is not known. Any thread
   */
  public Edges(int loops, int most, Workload own, Function<String, @Nullable Target> targets) {
    this.loops = loops;
    this.most = most;
    this.own = own;
    this.targets = targets;
    for (int i = 0; i < loops; i++) {
      tables.add(new EdgeTable(KEYS_TO_AN_EDGE * most));
    }
  }

  /** Whose {@code cluster} is: what its configuration says, else it is a service by its name. */
  public static Target target(String cluster, @Nullable ClusterService service) {
    return service == null
        ? new Target(cluster, "", 0)
        : new Target(service.name(), service.namespace(), service.port());
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    Downstream connection = info.connection;
    boolean inbound = connection.direction() == TrafficDirection.INBOUND;
    String peer = inbound ? peer(connection.tls()) : "";
    String cluster = info.cluster == null ? "" : info.cluster;
    Protocol protocol =
        connection.version() == null
            ? Protocol.TCP
            : Grpc.is(info.request) ? Protocol.GRPC : Protocol.HTTP;
    int responseClass = Math.min(info.status / 100, CLASSES);
    int grpcStatus =
        protocol == Protocol.GRPC ? Grpc.status(info.response, info.trailers) : NO_GRPC;
    Cause refusal = info.cause;
    String cause = refusal == null ? "" : refusal.token();
    String policy = refusal == null ? "" : refusal.policy();
    Cause shadow = info.shadowCause;
    String shadowCause = shadow == null ? "" : shadow.token();
    String shadowPolicy = shadow == null ? "" : shadow.policy();
    int hash =
        EdgeTable.hash(inbound, peer, cluster, responseClass, grpcStatus, cause, shadowCause);
    EdgeTable table = tables.get(loop.index());
    EdgeTable.Entry entry =
        table.find(
            hash,
            inbound,
            peer,
            cluster,
            protocol,
            responseClass,
            grpcStatus,
            cause,
            policy,
            shadowCause,
            shadowPolicy);
    EdgeCell cell =
        entry != null
            ? entry.cell()
            : find(
                table,
                hash,
                new EdgeTable.Key(
                    inbound,
                    peer,
                    cluster,
                    protocol,
                    responseClass,
                    grpcStatus,
                    cause,
                    policy,
                    shadowCause,
                    shadowPolicy),
                loop.index());
    long nanos = info.endNanos - info.startNanos;
    cell.count(nanos, info.bytesReceived, info.bytesSent);
    String trace = info.traceId;
    if (trace != null && info.sampled) {
      long now = loop.clock().currentTimeMillis();
      if (cell.wants(nanos, now)) {
        cell.keep(new Exemplar(trace, spanId(info, trace), nanos, now));
      }
    }
  }

  /** Its span in the trace; empty: it is not known. */
  private static String spanId(StreamInfo info, String trace) {
    TraceHeaders.Ids ids = TraceHeaders.ids(info);
    return ids == null || !ids.traceId().equals(trace) ? "" : ids.spanId();
  }

  /** The identity of a workload that has proved it; empty for none. */
  private static String peer(@Nullable TlsSession session) {
    return session == null
            || !session.workload()
            || session.peer() == null
            || session.peer().uris().isEmpty()
        ? ""
        : session.peer().uris().getFirst();
  }

  /** What the loop has no way to yet. */
  private EdgeCell find(EdgeTable table, int hash, EdgeTable.Key key, int loop) {
    Target target = key.cluster().isEmpty() ? Target.UNKNOWN : targets.apply(key.cluster());
    Edge edge =
        new Edge(
            key.inbound() ? Reporter.DESTINATION : Reporter.SOURCE,
            key.inbound() ? Workload.of(key.peer()) : own,
            target == null ? Target.UNKNOWN : target,
            key.protocol(),
            responseClass(key),
            grpcStatus(key),
            key.cause(),
            key.policy(),
            key.shadowCause(),
            key.shadowPolicy());
    CountedEdge counted = named(edge);
    if (counted == null) {
      folded.increment();
      return others.computeIfAbsent(edge.folded(), each -> new CountedEdge(each, loops)).cell(loop);
    }
    EdgeCell cell = counted.cell(loop);
    if (target != null) { // a name that a request has made up is not worth a place
      table.put(new EdgeTable.Entry(key, hash, counted, cell));
    }
    return cell;
  }

  /** Null if there is no more room. */
  private @Nullable CountedEdge named(Edge edge) {
    CountedEdge known = named.get(edge);
    if (known != null) {
      return known;
    }
    if (names.incrementAndGet() > most) {
      names.decrementAndGet();
      return null;
    }
    CountedEdge made = new CountedEdge(edge, loops);
    known = named.putIfAbsent(edge, made);
    if (known != null) { // another loop was faster
      names.decrementAndGet();
      return known;
    }
    return made;
  }

  private static String responseClass(EdgeTable.Key key) {
    if (key.protocol() == Protocol.TCP) {
      return "";
    }
    return key.responseClass() == 0 ? "none" : key.responseClass() + "xx";
  }

  private static String grpcStatus(EdgeTable.Key key) {
    return switch (key.grpcStatus()) {
      case NO_GRPC -> "";
      case Grpc.UNSAID -> "none";
      case Grpc.NO_STATUS -> "other";
      default -> Integer.toString(key.grpcStatus());
    };
  }

  /**
   * To be called each minute: when little room is left, what nothing was seen of for an hour goes.
   * What a loop counts at that very moment may be lost. Control thread.
   */
  public void sweep() {
    boolean tight = names.get() > most / 4 * 3;
    named.forEach((edge, counted) -> {
      if (counted.sweep() >= IDLE_SWEEPS && tight) {
        counted.retire();
        named.remove(edge);
        names.decrementAndGet();
      }
    });
  }

  /** What was counted of each edge. Any thread. */
  public List<EdgeReading> read() {
    List<EdgeReading> readings = new ArrayList<>();
    named.values().forEach(each -> readings.add(each.read()));
    others.values().forEach(each -> readings.add(each.read()));
    return readings;
  }

  /** How many streams were counted by an edge without names because there were too many. */
  public long folded() {
    return folded.sum();
  }

  /** How many edges there are. Any thread. */
  public int size() {
    return named.size() + others.size();
  }
}
