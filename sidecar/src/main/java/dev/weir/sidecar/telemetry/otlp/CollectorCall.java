package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.UnaryCall;
import dev.weir.sidecar.client.WholeRequest;
import dev.weir.sidecar.config.OtlpService;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.trace.TraceHeaders;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One request to a collector, over the cluster of that name. On the client's loop, as is the
 * answer. https://opentelemetry.io/docs/specs/otlp/
 */
sealed interface CollectorCall {
  /** Of an answer, which says little. */
  int MOST_ANSWER = 64 << 10;

  /**
   * What a collector says.
   *
   * @param code of gRPC, or the status of HTTP
   * @param text in words, of one that is no success
   * @param taken it has the message
   * @param again it may be asked again: it could not just now
   */
  record Answer(int code, String text, boolean taken, boolean again) {}

  void send(byte[] message, Duration timeout, Consumer<Answer> then);

  static CollectorCall of(OtlpSignal signal, OtlpService service, AsyncClient client) {
    return switch (service) {
      case OtlpService.Grpc grpc -> new Grpc(signal, grpc, client);
      case OtlpService.Http http -> new Http(http, client);
    };
  }

  /** Whoever takes it has no span of it to send: that one would have another, and so on. */
  private static Headers head(OtlpService service, String path, AsyncClient client) {
    Headers head = Headers.request("POST", service.authority(), path);
    service.fields().forEach(head::add);
    TraceHeaders.unsampled(head, client.loop().random());
    return head;
  }

  record Grpc(OtlpSignal signal, OtlpService.Grpc service, AsyncClient client)
      implements CollectorCall {
    @Override
    public void send(byte[] message, Duration timeout, Consumer<Answer> then) {
      Headers head = head(service, signal.path, client);
      UnaryCall.start(
          client,
          service.cluster(),
          head,
          message,
          timeout,
          MOST_ANSWER,
          new UnaryCall.Listener() {
            @Override
            public void onAnswer(byte[] answer) {
              then.accept(new Answer(0, "", true, false));
            }

            @Override
            public void onFailed(int status, String text) {
              then.accept(new Answer(status, text, false, again(status)));
            }
          });
    }

    /** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
    private static boolean again(int status) {
      return switch (status) {
        case 1, 4, 10, 11, 14, 15 -> true;
        default -> false;
      };
    }
  }

  record Http(OtlpService.Http service, AsyncClient client) implements CollectorCall {
    @Override
    public void send(byte[] message, Duration timeout, Consumer<Answer> then) {
      Headers head = head(service, service.path(), client);
      WholeRequest.post(
          client,
          service.cluster(),
          head,
          "application/x-protobuf",
          message,
          timeout,
          new WholeRequest.Listener() {
            @Override
            public void onAnswer(int status, byte[] body) {
              boolean taken = status >= 200 && status < 300;
              then.accept(new Answer(status, "HTTP status " + status, taken, again(status)));
            }

            @Override
            public void onFailed(String reason) {
              then.accept(new Answer(0, reason, false, true));
            }
          });
    }

    private static boolean again(int status) {
      return switch (status) {
        case 429, 502, 503, 504 -> true;
        default -> false;
      };
    }
  }
}
