package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.CollectorCall.Answer;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
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
        if (wanted == HttpSenderProvider.class) {
          HttpSenderProvider provider = config -> new Sender(config.getRetryPolicy());
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

  /** By its name of HTTP, for every collector: {@link CollectorCall} knows what is spoken. */
  private final class Sender implements HttpSender {
    private final RetryPolicy policy;

    Sender(@Nullable RetryPolicy policy) {
      this.policy = policy == null ? RetryPolicy.getDefault() : policy;
    }

    @Override
    public void send(
        MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getContentLength());
      try {
        message.writeMessage(bytes);
      } catch (IOException e) {
        failed.accept(e);
        return;
      }
      delivery.send(
          bytes.toByteArray(),
          policy,
          answer -> {
            last = answer;
            if (answer.taken()) {
              answered.accept(new Taken());
            } else {
              failed.accept(new IOException(answer.text()));
            }
          });
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private record Taken() implements HttpResponse {
    @Override
    public int getStatusCode() {
      return 200;
    }

    @Override
    public String getStatusMessage() {
      return "";
    }

    @Override
    public byte[] getResponseBody() {
      return new byte[0];
    }
  }
}
