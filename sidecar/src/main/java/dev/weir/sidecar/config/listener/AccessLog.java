package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.config.route.HeaderMatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code config.accesslog.v3.AccessLog}. */
public sealed interface AccessLog {
  Optional<Filter> filter();

  /** Lines of a file or a standard stream. */
  record Lines(Sink sink, Format format, Optional<Filter> filter) implements AccessLog {}

  /**
   * {@code OpenTelemetryAccessLogConfig}: records that a collector takes.
   *
   * @param body empty: they have none
   * @param attributes templates, and structures and lists of these, as of {@code body}
   * @param tags further attributes
   */
  record Otlp(
      Exporter exporter,
      Optional<Value> body,
      Value.Struct attributes,
      List<Tracing.Tag> tags,
      Optional<Filter> filter)
      implements AccessLog {
    public Otlp {
      tags = List.copyOf(tags);
    }
  }

  /**
   * {@code HttpGrpcAccessLogConfig}, {@code TcpGrpcAccessLogConfig}: entries that a receiver takes.
   *
   * @param headers that an entry of HTTP has, beside those that each has
   */
  record Grpc(
      Receiver receiver, Additional headers, List<Tracing.Tag> tags, Optional<Filter> filter)
      implements AccessLog {
    public Grpc {
      tags = List.copyOf(tags);
    }
  }

  /**
   * Where entries go over gRPC.
   *
   * @param logName tells the receiver which log of this sidecar they are of
   */
  record Receiver(EntryKind kind, OtlpService service, String logName, Buffering buffering) {}

  /** Of what an entry tells. */
  enum EntryKind {
    HTTP,
    TCP
  }

  /** Names of header fields, in lower case. */
  record Additional(List<String> ofRequest, List<String> ofResponse, List<String> ofTrailers) {
    public static final Additional NONE = new Additional(List.of(), List.of(), List.of());

    public Additional {
      ofRequest = List.copyOf(ofRequest);
      ofResponse = List.copyOf(ofResponse);
      ofTrailers = List.copyOf(ofTrailers);
    }
  }

  /**
   * Where records go by OTLP, and who sends them.
   *
   * @param statPrefix behind that of all statistics of this kind; may be empty
   * @param labels Envoy's of the node too: {@code node_name}, {@code cluster_name}, {@code
   *     zone_name}
   * @param attributes of who sends them, beside the node's own
   */
  record Exporter(
      OtlpService service,
      String statPrefix,
      boolean labels,
      Map<String, String> attributes,
      Buffering buffering) {
    public Exporter {
      attributes = Map.copyOf(attributes);
    }
  }

  /**
   * What waits before it is sent.
   *
   * @param bytes no more than that and one record; 0: each goes at once
   * @param interval no longer than that
   */
  record Buffering(int bytes, Duration interval) {}

  public sealed interface Sink {
    record File(String path) implements Sink {}

    record Stdout() implements Sink {}

    record Stderr() implements Sink {}
  }

  /** Command operators ({@code %START_TIME%}) are compiled when the snapshot is built. */
  public sealed interface Format {
    /** {@code text_format_source.inline_string}, or Envoy's default. */
    record Text(String template) implements Format {}

    /** {@code json_format}, in the order given. */
    record Json(Value.Struct fields) implements Format {}
  }

  /** A value of {@code json_format}. */
  public sealed interface Value {
    record Template(String template) implements Value {}

    record Literal(String json) implements Value {}

    record Struct(List<Field> fields) implements Value {
      public Struct {
        fields = List.copyOf(fields);
      }
    }

    record Items(List<Value> items) implements Value {
      public Items {
        items = List.copyOf(items);
      }
    }

    record Field(String name, Value value) {}
  }

  /** {@code config.accesslog.v3.AccessLogFilter}. */
  public sealed interface Filter {
    /** {@code status_code_filter}. */
    record Status(Op op, int value) implements Filter {}

    /** {@code duration_filter}, milliseconds. */
    record DurationMillis(Op op, long value) implements Filter {}

    /** {@code response_flag_filter}; empty: any flag. */
    record ResponseFlags(List<String> flags) implements Filter {}

    /** {@code traceable_filter}: the request is sampled. */
    record Traceable() implements Filter {}

    /** {@code header_filter}, of the request's head. */
    record Header(HeaderMatch match) implements Filter {}

    /**
     * {@code grpc_status_filter}.
     *
     * @param statuses as numbers
     * @param exclude those that are none of them pass
     */
    record GrpcStatus(Set<Integer> statuses, boolean exclude) implements Filter {
      public GrpcStatus {
        statuses = Set.copyOf(statuses);
      }
    }

    /**
     * {@code runtime_filter}.
     *
     * @param share so many of {@code outOf} pass
     * @param independent of the request's id, by which it is the same ones in each log
     */
    record Share(long share, long outOf, boolean independent) implements Filter {}

    record And(List<Filter> filters) implements Filter {}

    record Or(List<Filter> filters) implements Filter {}
  }

  public enum Op {
    EQ,
    GE,
    LE,
    NE
  }
}
