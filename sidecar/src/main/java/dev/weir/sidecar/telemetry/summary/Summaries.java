package dev.weir.sidecar.telemetry.summary;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.GrpcStream;
import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.ResidentMemory;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a stream of summaries open to the control plane that configuration comes from, while that
 * is one of Weir's. Nothing is queued: a summary that the control plane does not take yet is
 * dropped, and what was counted goes with the next one. Control thread.
 */
public final class Summaries {
  private static final String PATH =
      "/weir.service.telemetry.v1alpha1.MeshTelemetryService/StreamSummaries";

  private static final int OK = 0;
  private static final int UNIMPLEMENTED = 12;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** What was counted while nobody was there to be told is told if it is not older. */
  private static final Duration LONGEST_GAP = Duration.ofMinutes(1);

  private final Place place;
  private final ControlThread control;
  private final Backoff backoff;
  private final EdgeChanges edges;
  private final BreakerChanges breakers;
  private final SummaryStats stats;
  private final Clock clock;
  private final Consumer<String> log;

  private @Nullable Connection connection;
  private @Nullable Future<?> retry;
  private volatile Future<?> ended = CompletableFuture.completedFuture(null);
  private boolean serves;
  private boolean closed;
  private String said = "";

  /** Until when all was told, as the clock's nanoseconds. */
  private long toldUntil;

  /**
   * Where the control plane is, and who we are to it.
   *
   * @param cluster that it is
   */
  public record Place(AsyncClient client, String cluster, String authority, Node node) {}

  /**
   * @param log told why the control plane ends the stream, a line each time that it is another
   *     reason
   */
  public Summaries(
      Place place,
      ControlThread control,
      Backoff backoff,
      Edges edges,
      ClusterManager clusters,
      Stats stats,
      Clock clock,
      Consumer<String> log) {
    this.place = place;
    this.control = control;
    this.backoff = backoff;
    this.edges = new EdgeChanges(edges);
    this.breakers = new BreakerChanges(clusters);
    this.stats = new SummaryStats(stats);
    this.clock = clock;
    this.log = log;
    this.toldUntil = clock.nanoTime();
  }

  /**
   * The control plane is there, and is one of Weir's; or it is away. One that has said that it does
   * not want summaries is asked again when it is there again.
   */
  public void controlPlane(boolean isThere) {
    serves = isThere;
    if (isThere && connection == null) {
      Future<?> waiting = retry;
      if (waiting != null) {
        waiting.cancel(false);
      }
      open();
    }
  }

  /** When the control plane has taken the last one after {@link #close}. Any thread. */
  public Future<?> ended() {
    return ended;
  }

  /** Tells what was counted until now, and ends. */
  public void close() {
    closed = true;
    Connection open = connection;
    if (open != null) {
      ended = open.closed;
      open.end();
      connection = null;
    }
  }

  private void open() {
    retry = null;
    if (closed || !serves || connection != null) {
      return;
    }
    connection = new Connection();
  }

  private void onClosed(Connection from, int status, String message) {
    from.over();
    if (from != connection) {
      return;
    }
    connection = null;
    if (status == UNIMPLEMENTED) {
      return; // until it is there again, which may be as another version
    }
    if (status != OK) {
      stats.failed();
      String line =
          "telemetry: the control plane does not take summaries (gRPC status %d: %s)"
              .formatted(status, message);
      if (!line.equals(said)) {
        said = line;
        log.accept(line);
      }
    }
    if (serves && !closed) {
      retry = control.schedule(backoff.next(), this::open);
    }
  }

  /** A stream, and what it has been told. */
  private final class Connection implements GrpcStream.Listener {
    private final GrpcStream stream;
    private final EdgeNumbers numbers = new EdgeNumbers();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private Duration interval = Duration.ZERO;
    private @Nullable Future<?> next;
    private boolean offering;
    private boolean over;

    Connection() {
      stream =
          GrpcStream.open(place.client(), place.cluster(), place.authority(), PATH, Map.of(), this);
      stream.send(
          TrafficSummary.newBuilder()
              .setNode(place.node())
              .setResidentBytes(ResidentMemory.bytes())
              .build()
              .toByteArray());
      stream.request(1);
    }

    @Override
    public void onMessage(byte[] message) {
      control.execute(() -> wanted(message));
    }

    @Override
    public void onClosed(int status, String message) {
      closed.complete(null);
      control.execute(() -> Summaries.this.onClosed(this, status, message));
    }

    private void wanted(byte[] message) {
      if (over) {
        return;
      }
      try {
        SummaryRequest request = SummaryRequest.parseFrom(message);
        var wanted = request.getInterval();
        interval =
            request.hasInterval()
                ? clamp(Duration.ofSeconds(wanted.getSeconds(), wanted.getNanos()))
                : Duration.ZERO;
      } catch (InvalidProtocolBufferException | ArithmeticException e) {
        stream.cancel("what it wants cannot be read");
        return;
      }
      backoff.reset();
      if (clock.nanoTime() - toldUntil > LONGEST_GAP.plus(interval).toNanos()) {
        edges.skip();
        toldUntil = clock.nanoTime();
      }
      schedule();
      stream.request(1);
    }

    private static com.google.protobuf.Duration message(Duration time) {
      return com.google.protobuf.Duration.newBuilder()
          .setSeconds(time.getSeconds())
          .setNanos(time.getNano())
          .build();
    }

    private static Duration clamp(Duration wanted) {
      return wanted.compareTo(SHORTEST) < 0
          ? SHORTEST
          : wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
    }

    private void schedule() {
      Future<?> before = next;
      if (before != null) {
        before.cancel(false);
      }
      next = interval.isZero() ? null : control.schedule(interval, this::tell);
    }

    private void tell() {
      if (over) {
        return;
      }
      schedule();
      offer();
      if (numbers.next() > EdgeNumbers.MOST && edges.size() < EdgeNumbers.MOST / 2) {
        over();
        stream.endRequest();
        connection = null;
        open(); // the next one numbers those there are
      }
    }

    private void offer() {
      if (offering) {
        stats.skipped();
        return;
      }
      offering = true;
      long now = clock.nanoTime();
      TrafficSummary.Builder summary =
          TrafficSummary.newBuilder()
              .setInterval(message(Duration.ofNanos(now - toldUntil)))
              .setResidentBytes(ResidentMemory.bytes());
      EdgeChanges.Pending pending = edges.addTo(summary, numbers);
      Map<BreakerChanges.Key, BreakerChanges.Seen> telling = breakers.addTo(summary);
      stream.offer(
          summary.build().toByteArray(),
          taken ->
              control.execute(() -> {
                offering = false;
                if (taken) {
                  edges.told(pending);
                  numbers.told(pending.ids());
                  breakers.told(telling);
                  toldUntil = now;
                  stats.sent();
                } else {
                  stats.skipped();
                }
              }));
    }

    /** A last summary, if any is wanted. */
    void end() {
      if (!interval.isZero()) {
        offer();
      }
      over();
      stream.endRequest();
    }

    void over() {
      over = true;
      Future<?> before = next;
      if (before != null) {
        before.cancel(false);
      }
    }
  }
}
