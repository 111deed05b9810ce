package dev.weir.control.server.telemetry;

import dev.weir.control.server.Caller;
import dev.weir.control.server.Guests.Guest;
import dev.weir.control.traffic.Speakers.Speaker;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A stream on which a proxy tells something, from its first message, which says who it is, to its
 * end. The next message is read when the one before it was dealt with. gRPC's threads, one at a
 * time; the first message is answered on the control thread.
 *
 * @param <Q> what is told
 * @param <R> what is wanted
 */
abstract class TellingStream<Q, R> implements StreamObserver<Q> {
  /** Connections last for half an hour: who has a newer certificate shows it soon. */
  private static final Duration GRACE = Duration.ofMinutes(15);

  /** One message each so often, and some more now and then. */
  private static final long LEAST_MILLIS = 500;

  private static final long ALLOWANCE_MILLIS = 10 * LEAST_MILLIS;

  /** A mistake ends the stream, so that its client comes back. */
  private static final Status OURS =
      Status.INTERNAL.withDescription("a mistake of the control plane's own");

  private static final AtomicLong IDS = new AtomicLong();

  final Hearing hearing;
  private final long id = IDS.incrementAndGet();
  private final ServerCallStreamObserver<R> answers;
  private final Caller caller;
  private @Nullable Guest guest;
  private boolean over;

  /** As if each message took its time: when those until now are paid for. */
  private long paidUntil;

  TellingStream(Hearing hearing, ServerCallStreamObserver<R> answers, Caller caller) {
    this.hearing = hearing;
    this.answers = answers;
    this.caller = caller;
    answers.disableAutoRequest();
    answers.request(1);
    answers.setOnCancelHandler(this::left);
    answers.setOnCloseHandler(this::left);
  }

  /** Before its first message. */
  void opened() {
    hearing.tellings().add(this);
  }

  /** It is over, and nobody has done anything wrong. */
  synchronized void endWell() {
    end(Status.OK);
  }

  /** Who it is, as the first message says. */
  abstract Node node(Q first);

  /** It may tell; returns what is wanted of it. */
  abstract R begun(Guest guest);

  /**
   * Takes what it tells.
   *
   * @throws StatusException it tells what cannot be
   */
  abstract void take(Q told, Guest guest, long nowMillis) throws StatusException;

  /** How much memory it has, in bytes, as {@code told}; 0: it does not say. */
  abstract long residentBytes(Q told);

  @Override
  public synchronized void onNext(Q message) {
    if (over) {
      return;
    }
    Guest known = guest;
    if (known == null) {
      Node node = node(message);
      hearing.control().execute(() -> begin(node, message));
      return;
    }
    try {
      long now = hearing.clock().millis();
      checkPace(now);
      checkProof();
      take(message, known, now);
      heard(known, residentBytes(message), now);
      answers.request(1);
    } catch (StatusException wrong) {
      refuse(wrong.getStatus());
    } catch (RuntimeException mistake) {
      end(OURS);
      hearing.failed().accept(mistake);
    }
  }

  /** Control thread. */
  private synchronized void begin(Node node, Q first) {
    if (over) {
      return;
    }
    try {
      Guest entered = hearing.guests().enter(caller, node);
      guest = entered;
      heard(entered, residentBytes(first), hearing.clock().millis());
      answers.onNext(begun(entered));
      answers.request(1);
    } catch (StatusException wrong) {
      end(wrong.getStatus());
    } catch (RuntimeException mistake) {
      end(OURS);
      throw mistake;
    }
  }

  private void heard(Guest from, long residentBytes, long now) {
    hearing
        .speakers()
        .heard(
            id,
            new Speaker(
                from.proxy().id(),
                from.proxy().service().toString(),
                from.version(),
                residentBytes,
                now,
                hearing.interval().toMillis()));
  }

  private void checkPace(long now) throws StatusException {
    paidUntil = Math.max(paidUntil, now - ALLOWANCE_MILLIS) + LEAST_MILLIS;
    if (paidUntil > now) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("it tells more often than each " + LEAST_MILLIS + " ms")
          .asException();
    }
  }

  /** On a stream it proves nothing anew. */
  private void checkProof() throws StatusException {
    if (caller.ends().isPresent()
        && caller.ends().get().plus(GRACE).isBefore(hearing.clock().instant())) {
      throw Status.UNAUTHENTICATED
          .withDescription("what it has proved itself by has ended; it may come back")
          .asException();
    }
  }

  private void refuse(Status status) {
    hearing.meters().ended();
    if (status.getCode() == Status.Code.INVALID_ARGUMENT && guest != null) {
      hearing
          .wrong()
          .accept(
              "%s tells of its traffic what cannot be: %s"
                  .formatted(guest.proxy().id(), status.getDescription()));
    }
    end(status);
  }

  private void end(Status status) {
    if (!over) {
      if (status.isOk()) {
        answers.onCompleted();
      } else {
        answers.onError(status.asException());
      }
      left();
    }
  }

  /** The stream is over, whoever ended it. */
  private synchronized void left() {
    if (over) {
      return;
    }
    over = true;
    hearing.tellings().remove(this);
    hearing.speakers().left(id);
    Guest known = guest;
    if (known != null) {
      hearing.control().execute(() -> hearing.guests().leave(known));
    }
  }

  @Override
  public void onError(Throwable cause) {
    left();
  }

  @Override
  public synchronized void onCompleted() {
    end(Status.OK);
  }
}
