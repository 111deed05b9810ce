package dev.weir.control.metrics;

import dev.weir.control.compile.xds.ResourceType;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What happens, counted where it does. Any thread. */
public final class Meters {
  private static final double NANOS = 1e9;

  /** From a sidecar beside us to a thousand of them on a weak network. */
  private static final double[] SECONDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter responses =
      Counter.builder()
          .name("weir_xds_responses_total")
          .help("Responses that proxies were sent, by type of resource.")
          .labelNames("type")
          .register(registry);
  private final Counter rejections =
      Counter.builder()
          .name("weir_xds_rejections_total")
          .help("Responses that proxies refused (NACK), by type of resource.")
          .labelNames("type")
          .register(registry);
  private final Histogram acknowledgements =
      Histogram.builder()
          .name("weir_xds_acknowledgement_seconds")
          .help("From a response to its acknowledgement by the proxy.")
          .classicOnly()
          .classicUpperBounds(SECONDS)
          .register(registry);
  private final Histogram rounds =
      Histogram.builder()
          .name("weir_xds_round_seconds")
          .help("What it took to compile what had changed and to begin to send it.")
          .classicOnly()
          .classicUpperBounds(SECONDS)
          .register(registry);
  private final Counter cut =
      Counter.builder()
          .name("weir_xds_connections_cut_total")
          .help("Connections that were ended for requests that did not become whole.")
          .register(registry);
  private final Counter mistakes =
      Counter.builder()
          .name("weir_mistakes_total")
          .help("Mistakes of the control plane's own; its log has each place's first one.")
          .register(registry);
  private final Counter reviews =
      Counter.builder()
          .name("weir_admission_reviews_total")
          .help("What the API server asked, by webhook and by what it was answered.")
          .labelNames("webhook", "answer")
          .register(registry);

  /** Each response is counted: it is not looked for by its label each time. */
  private final Map<ResourceType, CounterDataPoint> sent = new EnumMap<>(ResourceType.class);

  /**
   * @param version of the program
   */
  public Meters(String version) {
    Info.builder()
        .name("weir_build_info")
        .help("The control plane's version.")
        .labelNames("version")
        .register(registry)
        .addLabelValues(version);
    JvmMetrics.builder().register(registry);
    for (ResourceType type : ResourceType.values()) {
      sent.put(type, responses.labelValues(name(type)));
      rejections.initLabelValues(name(type));
    }
  }

  /** Where more is to be registered that is looked at when somebody asks. */
  public PrometheusRegistry registry() {
    return registry;
  }

  private static String name(ResourceType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  public void sent(ResourceType type) {
    Objects.requireNonNull(sent.get(type)).inc();
  }

  public void refused(ResourceType type) {
    rejections.labelValues(name(type)).inc();
  }

  public void acknowledged(Duration after) {
    acknowledgements.observe(after.toNanos() / NANOS);
  }

  public void round(Duration took) {
    rounds.observe(took.toNanos() / NANOS);
  }

  public void cut() {
    cut.inc();
  }

  public void mistake() {
    mistakes.inc();
  }

  /**
   * @param webhook which, a word of few
   * @param answer a word of few
   */
  public void reviewed(String webhook, String answer) {
    reviews.labelValues(webhook, answer).inc();
  }
}
