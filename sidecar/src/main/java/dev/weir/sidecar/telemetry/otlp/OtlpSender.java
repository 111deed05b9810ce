package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.CollectorCall.Answer;
import io.opentelemetry.common.ComponentLoader;
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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The sender of an exporter of the SDK, which makes the messages: it sends them by the sidecar's
 * own client. An exporter's thread.
 */
public final class OtlpSender {
  /** Above what all tries and pauses of the policy take. */
  private static final long LONGEST_MINUTES = 10;

  /** Kept, for what is set of one that nobody holds is forgotten: {@link #complain} says it all. */
  private static final Logger OF_LIBRARY = Logger.getLogger("io.opentelemetry");

  private final OtlpSignal signal;
  private final OtlpService service;
  private final Delivery delivery;
  private final FoldedLog log;

  /** The last answer of the collector. */
  private volatile @Nullable Answer last;

  /**
   * @param log told what the collector does not take
   */
  public OtlpSender(OtlpSignal signal, OtlpService service, AsyncClient client, FoldedLog log) {
    this.signal = signal;
    this.service = service;
    this.delivery =
        new Delivery(client, CollectorCall.of(signal, service, client), service.timeout());
    this.log = log;
    OF_LIBRARY.setLevel(Level.OFF);
  }

  /** What an exporter's builder is to find its sender by. */
  public ComponentLoader components() {
    return new ComponentLoader() {
      @Override
      public <T> Iterable<T> load(Class<T> wanted) {
        if (wanted == GrpcSenderProvider.class) {
          GrpcSenderProvider provider = OverGrpc::new;
          return List.of(wanted.cast(provider));
        }
        if (wanted == HttpSenderProvider.class) {
          HttpSenderProvider provider = OverHttp::new;
          return List.of(wanted.cast(provider));
        }
        return List.of();
      }
    };
  }

  /**
   * Waits for what becomes of {@code count} records, and says so if the collector has not taken
   * them.
   *
   * @param export has the exporter send them
   */
  public boolean sent(int count, Supplier<CompletableResultCode> export) {
    last = null;
    CompletableResultCode result = export.get().join(LONGEST_MINUTES, TimeUnit.MINUTES);
    if (!result.isSuccess()) {
      complain(count);
    }
    return result.isSuccess();
  }

  private void complain(int count) {
    String where = service.cluster();
    Answer answer = last;
    String why = answer == null ? "no answer" : answer.text() + " (" + answer.code() + ")";
    String subject = signal.text + ": " + where + " has not taken ";
    log.tell(
        where,
        () -> subject + count + " " + signal.many + ", which are lost: " + why,
        times -> subject + signal.many + " " + times + " times more: " + why);
  }

  /** What is under way, and what comes, is over within so much. Any thread. */
  public void hurry(Duration limit) {
    delivery.hurry(limit);
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
