package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rule;
import dev.weir.control.model.schema.Word;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a service's own sidecars tell, of the calls it takes and makes. */
@Planned("precedence")
@Rule(
    cel =
        "has(self.tracing) || has(self.accessLog) || has(self.metrics) || has(self.redactHeaders) && self.redactHeaders.size() > 0",
    message = TelemetrySpec.EMPTY_MESSAGE)
@Rule(cel = TargetRef.NONE_IS_ROUTE, message = TelemetrySpec.ROUTE_MESSAGE, field = "targetRefs")
@Rule(
    cel = "self.targetRefs.all(ref, !has(ref.sectionName))",
    message = TelemetrySpec.PORT_MESSAGE,
    field = "targetRefs")
public record TelemetrySpec(
    @Field(value = "What the policy is for.", min = "1", max = "16", unique = true)
        List<TargetRef> targetRefs,
    @Field("Which traces are kept and how they are passed on.") @Nullable Tracing tracing,
    @Field(
            "A line for each request, and for each connection that is no HTTP, on standard output, or a record of it to a collector. Unset: none.")
        @Nullable AccessLog accessLog,
    @Field("Who gets the sidecars' metrics. Unset: nobody; they can be read all the same.")
        @Nullable Metrics metrics,
    @Field(
            value =
                "Headers whose values `weir tap`, `weir explain` and the sidecars' own pages tell to nobody, of any case; those that look like a secret by their name are not told anyhow. Those of all policies for a service add up.",
            max = "64",
            pattern = HttpMatch.HEADER_NAME)
        List<String> redactHeaders)
    implements Policy.Spec {
  private static final String REDACT_HEADERS = "redactHeaders";
  static final String EMPTY_MESSAGE =
      "has no effect: it sets none of tracing, accessLog, metrics, redactHeaders";
  static final String ROUTE_MESSAGE = "telemetry is of a service's own sidecars; name the Service";
  static final String PORT_MESSAGE =
      "telemetry is of a service's own sidecars, whichever the port; leave sectionName out";

  public TelemetrySpec {
    targetRefs = List.copyOf(targetRefs);
    if (targetRefs.stream().anyMatch(TargetRef::isRoute)) {
      throw new IllegalArgumentException(ROUTE_MESSAGE);
    }
    if (targetRefs.stream().anyMatch(ref -> ref.sectionName() != null)) {
      throw new IllegalArgumentException(PORT_MESSAGE);
    }
    redactHeaders = List.copyOf(redactHeaders);
    if (tracing == null && accessLog == null && metrics == null && redactHeaders.isEmpty()) {
      throw new IllegalArgumentException(EMPTY_MESSAGE);
    }
  }

  @Override
  public Set<String> sections() {
    Set<String> sections = new TreeSet<>();
    if (tracing != null) {
      sections.add("tracing");
    }
    if (accessLog != null) {
      sections.add("accessLog");
    }
    if (metrics != null) {
      sections.add("metrics");
    }
    if (!redactHeaders.isEmpty()) {
      sections.add(REDACT_HEADERS);
    }
    return sections;
  }

  @Override
  public Set<String> sectionsThatAddUp() {
    return Set.of(REDACT_HEADERS);
  }

  @Override
  public TelemetrySpec only(Set<String> sections) {
    return new TelemetrySpec(
        targetRefs,
        sections.contains("tracing") ? tracing : null,
        sections.contains("accessLog") ? accessLog : null,
        sections.contains("metrics") ? metrics : null,
        sections.contains(REDACT_HEADERS) ? redactHeaders : List.of());
  }

  /** Who is told, by what they are told. */
  public SortedMap<Signal, Backend> collectors() {
    SortedMap<Signal, Backend> collectors = new TreeMap<>();
    if (tracing != null && tracing.otlp() != null) {
      collectors.put(Signal.SPANS, tracing.otlp().backendRef());
    }
    if (accessLog != null && accessLog.otlp() != null) {
      collectors.put(Signal.RECORDS, accessLog.otlp().backendRef());
    }
    if (metrics != null) {
      collectors.put(Signal.METRICS, metrics.otlp().backendRef());
    }
    return collectors;
  }

  /** What a collector is told. */
  public enum Signal {
    SPANS("tracing", "spans"),
    RECORDS("accessLog", "records"),
    METRICS("metrics", "metrics");

    private final String section;
    private final String words;

    Signal(String section, String words) {
      this.section = section;
      this.words = words;
    }

    /** Whose {@code otlp} names the collector. */
    public String section() {
      return section;
    }

    /** For people. */
    public String words() {
      return words;
    }

    /** How it is sent to a port; empty: it cannot be. Envoy's access log goes by gRPC alone. */
    public Optional<Otlp.Protocol> protocol(Port port) {
      return Otlp.Protocol.of(port)
          .filter(protocol -> this != RECORDS || protocol == Otlp.Protocol.GRPC);
    }
  }

  /** A trace that arrives is taken over, in any of the formats, and begun where there is none. */
  public record Tracing(
      @Field(value = "Of the traces begun here, so many are sampled.", defaultsTo = "1%")
          Percentage sample,
      @Field(
              value = "The headers that are passed on: `traceparent`, `b3`, `X-Trace-ID`.",
              defaultsTo = "[W3C]",
              min = "1",
              max = "3")
          List<Format> propagate,
      @Field("Who gets the spans. Unset: there are none; traces are passed on all the same.")
          @Nullable Otlp otlp) {
    public static final Tracing DEFAULT =
        new Tracing(Percentage.parse("1%"), List.of(Format.W3C), null);

    public Tracing {
      propagate = List.copyOf(propagate);
    }
  }

  /** Spans by OpenTelemetry's protocol. */
  public record Otlp(
      @Field(
              "The collector, as apps call it: by gRPC at a port of HTTP/2, by HTTP at `/v1/traces` of one of HTTP.")
          Backend backendRef) {
    /** How spans are sent. */
    public enum Protocol {
      GRPC,
      HTTP;

      /** As the port says what it speaks; empty for one that does not say it. */
      public static Optional<Protocol> of(Port port) {
        return switch (port.protocol()) {
          case HTTP2 -> Optional.of(GRPC);
          case HTTP -> Optional.of(HTTP);
          case AUTO, TCP -> Optional.empty();
        };
      }
    }
  }

  /** The ways a trace is carried. */
  public enum Format {
    @Word("W3C")
    W3C,
    B3,
    X_TRACE_ID
  }

  /** What is logged, and as what. */
  public record AccessLog(
      @Field(
              "`JSON`: one JSON object a line, on standard output. Unset: the same, unless `otlp` is set.")
          @Nullable LogFormat format,
      @Field(
              "What is logged: any of these. Empty: all. A connection that is no HTTP has neither status nor trace: it is logged where this is empty.")
          List<LogMatch> anyOf,
      @Field("Who gets a record of each. Unset: nobody.") @Nullable LogOtlp otlp) {
    public AccessLog {
      anyOf = List.copyOf(anyOf);
    }

    /** Whether there are lines on standard output. */
    public boolean lines() {
      return format != null || otlp == null;
    }
  }

  /** Log records by OpenTelemetry's protocol. */
  public record LogOtlp(
      @Field("The collector, as apps call it, at a port of HTTP/2: by gRPC.") Backend backendRef) {}

  /** What Prometheus could read of a sidecar, sent. */
  public record Metrics(@Field("The collector, and how often.") MetricsOtlp otlp) {}

  /** Metrics by OpenTelemetry's protocol. */
  public record MetricsOtlp(
      @Field(
              "The collector, as apps call it: by gRPC at a port of HTTP/2, by HTTP at `/v1/metrics` of one of HTTP. By Weir's own sidecars alone: Envoy's are sent as its bootstrap says.")
          Backend backendRef,
      @Field(value = "How often.", defaultsTo = "60s", min = "1s", max = "5m") Duration interval) {}

  /** The forms of a line. */
  public enum LogFormat {
    @Word("JSON")
    JSON
  }

  /** A reason to log a request; there is none for a connection that is no HTTP. */
  public sealed interface LogMatch {}

  /** Its status lies in a range. */
  public record StatusMatch(@Field("By status, both ends included.") StatusRange status)
      implements LogMatch {}

  /** Its trace is sampled. */
  @Rule(
      cel = "!has(self.sampled) || self.sampled",
      message = SampledMatch.MESSAGE,
      field = "sampled")
  public record SampledMatch(@Field("`true`: its trace is sampled.") boolean sampled)
      implements LogMatch {
    static final String MESSAGE = "sampled is true, or left out";

    public SampledMatch {
      if (!sampled) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }

  /** Statuses from {@code min} to {@code max}. */
  @Rule(cel = "self.min <= self.max", message = StatusRange.MESSAGE)
  public record StatusRange(
      @Field(value = "The lowest.", defaultsTo = "100", min = "100", max = "599") int min,
      @Field(value = "The highest.", defaultsTo = "599", min = "100", max = "599") int max) {
    static final String MESSAGE = "min is above max";

    public StatusRange {
      if (min > max) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }
}
