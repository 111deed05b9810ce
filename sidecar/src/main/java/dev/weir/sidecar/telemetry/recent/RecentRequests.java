package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.filter.rate.TokenBucket;
import dev.weir.sidecar.http.AttemptInfo;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.recent.RecentRequest.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps requests of a moment ago, each loop its own, so many of each {@link Kind}: the newest ones
 * that failed, that were refused, that were slow; and of the rest a hundred a second, which is all
 * of them where there is little to do, and those whose trace is sampled.
 */
public final class RecentRequests implements StreamObserver {
  private static final double RECENT_PER_SECOND = 100;

  /** What one loop keeps. */
  private static final class Kept {
    private final Ring[] rings;
    private final Slowest slowest = new Slowest();
    private final TokenBucket recent;

    private Kept(long now) {
      rings = Arrays.stream(Kind.values()).map(kind -> new Ring(kind.most())).toArray(Ring[]::new);
      recent = new TokenBucket(RECENT_PER_SECOND, Kind.RECENT.most(), now);
    }

    @SuppressWarnings("EnumOrdinal") // a place in an array of the same enum
    private Ring ring(Kind kind) {
      return rings[kind.ordinal()];
    }

    /** Null: it is not kept. */
    private @Nullable Kind kind(StreamInfo info) {
      boolean http = info.request != null;
      boolean slow = http && slowest.add(info.endNanos - info.startNanos);
      if (failed(info)) {
        return Kind.FAILED;
      }
      if (info.cause != null) {
        return Kind.REFUSED;
      }
      if (slow) {
        return Kind.SLOW;
      }
      return info.sampled || recent.tryTake(info.endNanos) ? Kind.RECENT : null;
    }
  }

  private final Kept[] byLoop;
  private final ConfigChanges changes;
  private final Taps taps = new Taps();
  private final Redaction redaction = new Redaction();

  /**
   * @param changes what is in force
   */
  public RecentRequests(List<Loop> loops, ConfigChanges changes) {
    this.changes = changes;
    this.byLoop = loops.stream().map(loop -> new Kept(loop.nanoTime())).toArray(Kept[]::new);
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    Kept kept = byLoop[loop.index()];
    Kind kind = kept.kind(info);
    if (kind == null && taps.none()) {
      return;
    }
    RecentRequest request =
        RecentRequest.of(info, kind == null ? Kind.RECENT : kind, changes.last());
    if (kind != null) {
      kept.ring(kind).add(request);
    }
    taps.offer(request);
  }

  private static boolean failed(StreamInfo info) {
    if (info.request == null) {
      return info.flags != 0;
    }
    AttemptInfo attempt = info.attempt;
    return info.status >= 500
        || info.status == 0
        || info.flags != 0 && info.cause == null
        || attempt != null && serverFault(attempt.grpcStatus);
  }

  /** As OpenTelemetry has it for a server: what is not the caller's mistake. */
  private static boolean serverFault(@Nullable String grpcStatus) {
    return grpcStatus != null
        && switch (grpcStatus) {
          case "2", "4", "12", "13", "14", "15" -> true;
          default -> false;
        };
  }

  /** Who wants to see them as they come. */
  public Taps taps() {
    return taps;
  }

  /**
   * Whose values are told to nobody from now on, beside those that look like secrets. Any thread.
   *
   * @param headers names of fields, in lower case
   */
  public void redact(Set<String> headers) {
    redaction.names(headers);
  }

  Redaction redaction() {
    return redaction;
  }

  ConfigChanges changes() {
    return changes;
  }

  /** Those that are kept and wanted, the newest first, at most so many. Any thread. */
  List<RecentRequest> newest(Predicate<RecentRequest> wanted, int most) {
    List<RecentRequest> all = new ArrayList<>();
    for (Kept kept : byLoop) {
      for (Ring ring : kept.rings) {
        ring.all().stream().filter(wanted).forEach(all::add);
      }
    }
    return all.stream()
        .sorted(Comparator.comparingLong(RecentRequest::startMillis).reversed())
        .limit(most)
        .toList();
  }
}
