package dev.weir.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Takes spans, log records and metrics as a collector does, by OTLP over gRPC, and all but records
 * over HTTP. It can be told to refuse, and to be silent. https://opentelemetry.io/docs/specs/otlp/
 */
public final class TestCollector implements AutoCloseable {
  /** What it does with a request. */
  public enum Mood {
    TAKES,

    /** Says that it cannot just now. */
    REFUSES,

    /** Never answers. */
    SILENT
  }

  /** A span, and whose it is. */
  public record Received(Map<String, String> resource, Span span) {
    public String name() {
      return span.getName();
    }

    public String id() {
      return HexFormat.of().formatHex(span.getSpanId().toByteArray());
    }

    /** Empty for a root. */
    public String parent() {
      return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
    }

    public String trace() {
      return HexFormat.of().formatHex(span.getTraceId().toByteArray());
    }

    public String service() {
      return resource.getOrDefault("service.name", "");
    }

    public Span.SpanKind kind() {
      return span.getKind();
    }

    public boolean error() {
      return span.getStatus().getCodeValue() == 2;
    }

    /** As text; empty without it. */
    public String attribute(String key) {
      return attributes(span.getAttributesList()).getOrDefault(key, "");
    }
  }

  /** A log record, and whose it is. */
  public record ReceivedLog(Map<String, String> resource, LogRecord log) {
    public String trace() {
      return HexFormat.of().formatHex(log.getTraceId().toByteArray());
    }

    public String span() {
      return HexFormat.of().formatHex(log.getSpanId().toByteArray());
    }

    /** As text; empty without it. */
    public String attribute(String key) {
      return attributes(log.getAttributesList()).getOrDefault(key, "");
    }
  }

  /** A metric, and whose it is. */
  public record ReceivedMetric(Map<String, String> resource, Metric metric) {}

  private final Server grpc;
  private final int grpcPort;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final List<ReceivedLog> logs = new CopyOnWriteArrayList<>();
  private final List<ReceivedMetric> metrics = new CopyOnWriteArrayList<>();
  private final List<String> fields = new CopyOnWriteArrayList<>();
  private volatile Mood mood = Mood.TAKES;

  public TestCollector() throws IOException {
    grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Traces())
            .addService(new Logs())
            .addService(new Metrics())
            .intercept(new Fields())
            .build()
            .start();
    grpcPort = grpc.getPort();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/v1/traces",
        exchange -> post(exchange, body -> take(ExportTraceServiceRequest.parseFrom(body))));
    http.createContext(
        "/v1/metrics",
        exchange -> post(exchange, body -> take(ExportMetricsServiceRequest.parseFrom(body))));
    http.setExecutor(threads);
    http.start();
  }

  /** Also once it is closed. */
  public int grpcPort() {
    return grpcPort;
  }

  public int httpPort() {
    return http.getAddress().getPort();
  }

  public void mood(Mood next) {
    mood = next;
  }

  /** All so far. */
  public List<Received> spans() {
    return List.copyOf(received);
  }

  /** All, when there are as many. */
  public List<Received> await(int count) {
    Await.until(
        () -> received.size() >= count, () -> "of " + count + " spans came " + received.size());
    return spans();
  }

  /** All log records so far. */
  public List<ReceivedLog> logs() {
    return List.copyOf(logs);
  }

  /** All, when there are as many. */
  public List<ReceivedLog> awaitLogs(int count) {
    Await.until(() -> logs.size() >= count, () -> "of " + count + " records came " + logs.size());
    return logs();
  }

  /** All metrics of this name so far. */
  public List<ReceivedMetric> metrics(String name) {
    return metrics.stream().filter(each -> each.metric().getName().equals(name)).toList();
  }

  /** What each request had as {@code x-tenant}. */
  public List<String> tenants() {
    return List.copyOf(fields);
  }

  private static Map<String, String> attributes(List<KeyValue> pairs) {
    return pairs.stream()
        .collect(Collectors.toMap(KeyValue::getKey, pair -> text(pair.getValue())));
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      default -> value.toString();
    };
  }

  private void take(ExportTraceServiceRequest request) {
    for (ResourceSpans ofOne : request.getResourceSpansList()) {
      Map<String, String> resource = attributes(ofOne.getResource().getAttributesList());
      for (ScopeSpans scope : ofOne.getScopeSpansList()) {
        scope.getSpansList().forEach(span -> received.add(new Received(resource, span)));
      }
    }
  }

  private final class Traces extends TraceServiceGrpc.TraceServiceImplBase {
    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> answer) {
      switch (mood) {
        case TAKES -> {
          take(request);
          answer.onNext(ExportTraceServiceResponse.getDefaultInstance());
          answer.onCompleted();
        }
        case REFUSES -> answer.onError(Status.UNAVAILABLE.withDescription("full").asException());
        case SILENT -> {}
      }
    }
  }

  private void take(ExportLogsServiceRequest request) {
    for (ResourceLogs ofOne : request.getResourceLogsList()) {
      Map<String, String> resource = attributes(ofOne.getResource().getAttributesList());
      for (ScopeLogs scope : ofOne.getScopeLogsList()) {
        scope.getLogRecordsList().forEach(log -> logs.add(new ReceivedLog(resource, log)));
      }
    }
  }

  private final class Logs extends LogsServiceGrpc.LogsServiceImplBase {
    @Override
    public void export(
        ExportLogsServiceRequest request, StreamObserver<ExportLogsServiceResponse> answer) {
      switch (mood) {
        case TAKES -> {
          take(request);
          answer.onNext(ExportLogsServiceResponse.getDefaultInstance());
          answer.onCompleted();
        }
        case REFUSES -> answer.onError(Status.UNAVAILABLE.withDescription("full").asException());
        case SILENT -> {}
      }
    }
  }

  private void take(ExportMetricsServiceRequest request) {
    for (ResourceMetrics ofOne : request.getResourceMetricsList()) {
      Map<String, String> resource = attributes(ofOne.getResource().getAttributesList());
      for (ScopeMetrics scope : ofOne.getScopeMetricsList()) {
        scope.getMetricsList().forEach(each -> metrics.add(new ReceivedMetric(resource, each)));
      }
    }
  }

  private final class Metrics extends MetricsServiceGrpc.MetricsServiceImplBase {
    @Override
    public void export(
        ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> answer) {
      switch (mood) {
        case TAKES -> {
          take(request);
          answer.onNext(ExportMetricsServiceResponse.getDefaultInstance());
          answer.onCompleted();
        }
        case REFUSES -> answer.onError(Status.UNAVAILABLE.withDescription("full").asException());
        case SILENT -> {}
      }
    }
  }

  private final class Fields implements ServerInterceptor {
    private static final Metadata.Key<String> TENANT =
        Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
      String tenant = metadata.get(TENANT);
      fields.add(tenant == null ? "" : tenant);
      return next.startCall(call, metadata);
    }
  }

  private interface Taker {
    void take(byte[] body) throws IOException;
  }

  private void post(HttpExchange exchange, Taker taker) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String tenant = exchange.getRequestHeaders().getFirst("x-tenant");
    fields.add(tenant == null ? "" : tenant);
    switch (mood) {
      case TAKES -> {
        taker.take(body);
        exchange.sendResponseHeaders(200, -1); // an answer of this kind without fields is empty
        exchange.close();
      }
      case REFUSES -> {
        exchange.sendResponseHeaders(503, -1);
        exchange.close();
      }
      case SILENT -> {}
    }
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    http.stop(0);
    threads.shutdownNow();
    try {
      grpc.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
