package dev.weir.control.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** What is the case, looked at when somebody asks. Any thread. */
public final class MeshCollector implements MultiCollector {
  /**
   * How it is at a time.
   *
   * @param proxies by the state of their configuration
   * @param resources that were read, by kind
   * @param findings by level
   * @param leads whether it writes the status of resources; empty: nobody does here
   * @param ca empty: there is none
   */
  public record Moment(
      Map<String, Integer> proxies,
      Map<String, Integer> resources,
      Map<String, Integer> findings,
      Optional<Boolean> leads,
      Optional<Ca> ca) {}

  /**
   * The CA's part of it.
   *
   * @param until when the certificate that signs ends
   * @param refused by reason
   */
  public record Ca(Instant until, long issued, Map<String, Long> refused) {}

  private final Callable<Moment> look;
  private final Consumer<String> told;

  /**
   * @param look may wait a little; what it throws leaves these metrics out
   * @param told is told of that
   */
  public MeshCollector(Callable<Moment> look, Consumer<String> told) {
    this.look = look;
    this.told = told;
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    Moment moment;
    try {
      moment = look.call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return all.build();
    } catch (Exception e) {
      told.accept("/metrics has nothing of the mesh: " + e.getMessage());
      return all.build();
    }
    all.metricSnapshot(
            gauge(
                "weir_proxies",
                "Proxies that are connected, by the state of their configuration.",
                "state",
                moment.proxies))
        .metricSnapshot(
            gauge("weir_resources", "Resources that were read, by kind.", "kind", moment.resources))
        .metricSnapshot(
            gauge(
                "weir_findings",
                "What is wrong with resources, by level; /findings and their status say what.",
                "level",
                moment.findings));
    moment.leads.ifPresent(leads ->
        all.metricSnapshot(
            gauge(
                "weir_leader",
                "1 for the control plane that writes the status of resources.",
                leads ? 1 : 0)));
    moment.ca.ifPresent(ca -> add(ca, all));
    return all.build();
  }

  private static void add(Ca ca, MetricSnapshots.Builder all) {
    CounterSnapshot.Builder refused =
        CounterSnapshot.builder()
            .name("weir_certificates_refused")
            .help("Certificates that were asked for and not issued, by reason.");
    ca.refused.forEach((reason, count) ->
        refused.dataPoint(
            CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(Labels.of("reason", reason))
                .value((double) count)
                .build()));
    all.metricSnapshot(
            gauge(
                "weir_ca_not_after_timestamp_seconds",
                "When the certificate ends that the CA signs with, in seconds since 1970.",
                (double) ca.until.getEpochSecond()))
        .metricSnapshot(
            CounterSnapshot.builder()
                .name("weir_certificates_issued")
                .help("Certificates that the CA issued.")
                .dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .value((double) ca.issued)
                        .build())
                .build())
        .metricSnapshot(refused.build());
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }

  private static GaugeSnapshot gauge(
      String name, String help, String label, Map<String, Integer> values) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    values.forEach((key, value) ->
        gauge.dataPoint(
            GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(Labels.of(label, key))
                .value(value)
                .build()));
    return gauge.build();
  }
}
