package dev.weir.control;

import dev.weir.control.admin.TrafficPage;
import dev.weir.control.metrics.Meters;
import dev.weir.control.metrics.TrafficMeters;
import dev.weir.control.server.Guests;
import dev.weir.control.server.telemetry.BreakerMarks;
import dev.weir.control.server.telemetry.Hearing;
import dev.weir.control.server.telemetry.LoadReports;
import dev.weir.control.server.telemetry.SummaryService;
import dev.weir.control.server.telemetry.Tellings;
import dev.weir.control.traffic.MeshEvents;
import dev.weir.control.traffic.Speakers;
import dev.weir.control.traffic.TrafficStore;
import dev.weir.control.workload.Pods;
import io.grpc.BindableService;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The assembly of what hears of the mesh's traffic. */
final class MeshTelemetry {
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(1);

  private final TrafficStore store;
  private final Clock clock;
  private final Consumer<Throwable> failed;
  private final Speakers speakers = new Speakers();
  private final Tellings tellings = new Tellings();
  private final TrafficPage page;
  private final List<BindableService> services;

  /**
   * @param interval how often sidecars are to tell; empty: never
   * @param wrong is told who tells what it may not
   */
  MeshTelemetry(
      Optional<Duration> interval,
      TrafficStore store,
      MeshEvents events,
      Pods pods,
      int mostStreams,
      ControlThread control,
      Meters meters,
      Clock clock,
      Consumer<String> wrong,
      Consumer<Throwable> failed) {
    this.store = store;
    this.clock = clock;
    this.failed = failed;
    this.page = new TrafficPage(store, clock);
    TrafficMeters counted = new TrafficMeters(meters.registry(), store, speakers);
    this.services =
        interval
            .map(often ->
                new Hearing(
                    often,
                    store,
                    new BreakerMarks(events),
                    speakers,
                    new Guests(pods::place, mostStreams, wrong),
                    tellings,
                    control,
                    counted,
                    clock,
                    wrong,
                    failed))
            .map(hearing ->
                List.<BindableService>of(new SummaryService(hearing), new LoadReports(hearing)))
            .orElse(List.of());
  }

  /** What is served beside the streams of configuration. */
  List<BindableService> services() {
    return services;
  }

  /** {@code /traffic}. */
  Object traffic(Map<String, String> query) {
    return page.of(query);
  }

  /** Who tells. */
  Speakers speakers() {
    return speakers;
  }

  /** Ends the streams on which something is told. */
  void drain() {
    tellings.end();
  }

  /** Begins to forget what is old, each minute, on threads of its own. */
  void begin(ControlThread control) {
    control.after(
        BETWEEN_SWEEPS,
        () -> {
          Thread.ofVirtual().name("traffic-sweep").start(this::sweep);
          begin(control);
        });
  }

  private void sweep() {
    try {
      store.sweep(clock.millis());
    } catch (RuntimeException mistake) {
      failed.accept(mistake);
    }
  }
}
