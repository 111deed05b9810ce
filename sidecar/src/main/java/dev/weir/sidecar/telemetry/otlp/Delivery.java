package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.telemetry.otlp.CollectorCall.Answer;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to a collector, one at a time, each tried again with pauses while the
 * collector cannot take it. Methods are for any thread; what follows is on the client's loop.
 */
final class Delivery {
  private final AsyncClient client;
  private final CollectorCall call;
  private final Duration timeout;
  private @Nullable Message current;

  /** Within which all must be over; null: nobody is in a hurry. */
  private volatile @Nullable Duration hurry;

  /** Loop of the client. */
  private final class Message {
    final byte[] bytes;
    final RetryPolicy policy;
    final Consumer<Answer> then;
    int tries;

    Message(byte[] bytes, RetryPolicy policy, Consumer<Answer> then) {
      this.bytes = bytes;
      this.policy = policy;
      this.then = then;
    }

    void attempt() {
      if (current != this) {
        return;
      }
      tries++;
      Duration limit = hurry;
      call.send(
          bytes, limit == null || timeout.compareTo(limit) < 0 ? timeout : limit, this::answered);
    }

    private void answered(Answer answer) {
      if (answer.again() && tries < policy.getMaxAttempts() && hurry == null) {
        Future<?> _ =
            client.loop().eventLoop().schedule(this::attempt, pauseNanos(), TimeUnit.NANOSECONDS);
      } else {
        end(answer);
      }
    }

    private long pauseNanos() {
      double pause =
          (double) policy.getInitialBackoff().toNanos()
              * Math.pow(policy.getBackoffMultiplier(), tries - 1.0);
      double random = 0.8 + 0.4 * client.loop().random().nextDouble(); // as the SDK's own senders
      return (long) (Math.min(pause, (double) policy.getMaxBackoff().toNanos()) * random);
    }

    void end(Answer answer) {
      if (current == this) {
        current = null;
        then.accept(answer);
      }
    }
  }

  Delivery(AsyncClient client, CollectorCall call, Duration timeout) {
    this.client = client;
    this.call = call;
    this.timeout = timeout;
  }

  /**
   * Sends {@code message}; the one before is over.
   *
   * @param then told the last answer, once
   */
  void send(byte[] message, RetryPolicy policy, Consumer<Answer> then) {
    boolean taken =
        onLoop(() -> {
          Message made = new Message(message, policy, then);
          current = made;
          made.attempt();
        });
    if (!taken) {
      then.accept(stopping());
    }
  }

  /** What is under way is over within {@code limit}; what comes is tried once, within that. */
  void hurry(Duration limit) {
    hurry = limit;
    boolean _ =
        onLoop(() -> {
          Message waiting = current;
          if (waiting != null) {
            Future<?> _ =
                client
                    .loop()
                    .eventLoop()
                    .schedule(() -> waiting.end(stopping()), limit.toNanos(), TimeUnit.NANOSECONDS);
          }
        });
  }

  private static Answer stopping() {
    return new Answer(1, "the sidecar is stopping", false, false);
  }

  private boolean onLoop(Runnable task) {
    try {
      client.loop().eventLoop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the loops have ended
    }
  }
}
