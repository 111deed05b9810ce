package dev.weir.control.server;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client's end of a stream: what came, and a way to ask. Responses are taken one by one. */
final class TestStream<Q, R> implements ClientResponseObserver<Q, R> {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration QUIET = Duration.ofMillis(150);

  private final LinkedBlockingQueue<Event<R>> events = new LinkedBlockingQueue<>();
  private @Nullable ClientCallStreamObserver<Q> requests;

  /** A response, or the end; with its cause, unless it is a clean one. */
  record Event<R>(@Nullable R response, @Nullable Throwable end) {
    boolean cleanEnd() {
      return response == null && end == null;
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> call) {
    requests = call;
  }

  @Override
  public void onNext(R response) {
    events.add(new Event<>(response, null));
  }

  @Override
  public void onError(Throwable end) {
    events.add(new Event<>(null, end));
  }

  @Override
  public void onCompleted() {
    events.add(new Event<>(null, null));
  }

  void send(Q request) {
    call().onNext(request);
  }

  void cancel() {
    call().cancel("the test is over", null);
  }

  R next() {
    Event<R> event = take(LONG);
    if (event == null || event.response() == null) {
      throw new AssertionError(event == null ? "nothing came" : "it ended: " + event.end());
    }
    return event.response();
  }

  /** What comes next: a response, or an end that is no clean one. */
  Event<R> nextOrEnd() {
    Event<R> event = take(LONG);
    if (event == null || event.cleanEnd()) {
      throw new AssertionError(event == null ? "nothing came" : "it ended well");
    }
    return event;
  }

  Throwable end() {
    Event<R> event = take(LONG);
    if (event == null || event.end() == null) {
      throw new AssertionError("it did not end: " + event);
    }
    return event.end();
  }

  /** Whether what comes next is an end with status OK. */
  boolean endsWell() {
    Event<R> event = take(LONG);
    return event != null && event.cleanEnd();
  }

  /** Whether nothing comes for a while. */
  boolean quiet() {
    return take(QUIET) == null;
  }

  private @Nullable Event<R> take(Duration time) {
    try {
      return events.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ClientCallStreamObserver<Q> call() {
    if (requests == null) {
      throw new IllegalStateException("not started");
    }
    return requests;
  }
}
