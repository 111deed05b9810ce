package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.trace.CollectorCall.Answer;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans by the SDK's exporter, which makes messages of them; its sender is the sidecar's own
 * client. The SDK is loaded by the first batch, on the queue's thread.
 */
final class OtlpSender implements SpanQueue.Sender {
  /** Above what all tries and pauses of the policy take. */
  private static final long LONGEST_MINUTES = 10;

  /** Kept, for what is set of one that nobody holds is forgotten: {@link #complain} says it all. */
  private static final Logger OF_LIBRARY = Logger.getLogger("io.opentelemetry");

  private final Tracing.Service service;
  private final SpanBuilder spans;
  private final Delivery delivery;
  private final FoldedLog log;
  private final SpanExporter exporter;

  /** The last answer of the collector. */
  private volatile @Nullable Answer last;

  OtlpSender(Tracing.Service service, SpanBuilder spans, AsyncClient client, FoldedLog log) {
    this.service = service;
    this.spans = spans;
    this.delivery = new Delivery(client, CollectorCall.of(service, client), service.timeout());
    this.log = log;
    OF_LIBRARY.setLevel(Level.OFF);
    this.exporter =
        switch (service) {
          case Tracing.Service.Grpc grpc ->
              OtlpGrpcSpanExporter.builder()
                  .setComponentLoader(only(GrpcSenderProvider.class, OverGrpc::new))
                  .setMeterProvider(MeterProvider.noop())
                  .build();
          case Tracing.Service.Http http ->
              OtlpHttpSpanExporter.builder()
                  .setComponentLoader(only(HttpSenderProvider.class, OverHttp::new))
                  .setMeterProvider(MeterProvider.noop())
                  .build();
        };
  }

  private static <P> ComponentLoader only(Class<P> kind, P provider) {
    return new ComponentLoader() {
      @Override
      public <T> Iterable<T> load(Class<T> wanted) {
        return wanted == kind ? List.of(wanted.cast(provider)) : List.of();
      }
    };
  }

  @Override
  public boolean send(List<EndedStream> streams) {
    List<SpanData> made = new ArrayList<>();
    streams.forEach(stream -> spans.build(stream, made));
    last = null;
    CompletableResultCode result = exporter.export(made).join(LONGEST_MINUTES, TimeUnit.MINUTES);
    if (!result.isSuccess()) {
      complain(made.size());
    }
    return result.isSuccess();
  }

  private void complain(int count) {
    String where = service.cluster();
    Answer answer = last;
    String why = answer == null ? "no answer" : answer.text() + " (" + answer.code() + ")";
    log.tell(
        where,
        () -> "traces: " + where + " has not taken " + count + " spans, which are lost: " + why,
        times -> "traces: " + where + " has not taken spans " + times + " times more: " + why);
  }

  @Override
  public void hurry(Duration limit) {
    delivery.hurry(limit);
  }

  @Override
  public void end() {
    exporter.shutdown();
  }

  private void send(MessageWriter message, @Nullable RetryPolicy policy, Consumer<Answer> then)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getContentLength());
    message.writeMessage(bytes);
    delivery.send(
        bytes.toByteArray(),
        policy == null ? RetryPolicy.getDefault() : policy,
        answer -> {
          last = answer;
          then.accept(answer);
        });
  }

  private final class OverGrpc implements GrpcSender {
    private final @Nullable RetryPolicy policy;

    OverGrpc(GrpcSenderConfig config) {
      this.policy = config.getRetryPolicy();
    }

    @Override
    public void send(
        MessageWriter message, Consumer<GrpcResponse> answered, Consumer<Throwable> failed) {
      try {
        OtlpSender.this.send(message, policy, answer -> answered.accept(new OfGrpc(answer)));
      } catch (IOException e) {
        failed.accept(e);
      }
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private record OfGrpc(Answer answer) implements GrpcResponse {
    @Override
    public GrpcStatusCode getStatusCode() {
      return GrpcStatusCode.fromValue(answer.code());
    }

    @Override
    public String getStatusDescription() {
      return answer.text();
    }

    @Override
    @SuppressWarnings("ArrayRecordComponent")
    public byte[] getResponseMessage() {
      return answer.message();
    }
  }

  private final class OverHttp implements HttpSender {
    private final @Nullable RetryPolicy policy;

    OverHttp(HttpSenderConfig config) {
      this.policy = config.getRetryPolicy();
    }

    @Override
    public void send(
        MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
      try {
        OtlpSender.this.send(
            message,
            policy,
            answer -> {
              if (answer.code() < 100) {
                failed.accept(new IOException(answer.text()));
              } else {
                answered.accept(new OfHttp(answer));
              }
            });
      } catch (IOException e) {
        failed.accept(e);
      }
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private record OfHttp(Answer answer) implements HttpResponse {
    @Override
    public int getStatusCode() {
      return answer.code();
    }

    @Override
    public String getStatusMessage() {
      return answer.text();
    }

    @Override
    public byte[] getResponseBody() {
      return answer.message();
    }
  }
}
