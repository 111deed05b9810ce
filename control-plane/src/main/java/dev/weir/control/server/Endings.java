package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which of the open streams are over before their clients say so, and what these are told; they
 * come back. Control thread.
 */
public final class Endings {
  /** Connections last for half an hour: who has a newer certificate shows it soon. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  /** All of a mesh may have started at once, and have certificates that end at once. */
  private static final Duration SPREAD = Duration.ofMinutes(10);

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MOST_UNPROVEN = 50;

  private final OpenStreams open;
  private final Streams streams;

  /** Before then no proof is over for long enough: nobody needs to be looked at. */
  private Instant nextUnproven = Instant.MAX;

  Endings(OpenStreams open, Streams streams) {
    this.open = open;
    this.streams = streams;
  }

  /** A stream begins. */
  void opened(AdsStream<?, ?> stream) {
    stream.caller().ends().ifPresent(proof -> awaitEnd(proof.plus(graceOf(stream))));
  }

  private void awaitEnd(Instant end) {
    if (end.isBefore(nextUnproven)) {
      nextUnproven = end;
    }
  }

  /**
   * Ends those in pods of the cluster that are another service's now, or run as another account.
   */
  public void endMoved() {
    for (AdsStream<?, ?> stream : List.copyOf(open.all())) {
      if (stream.proxy().filter(this::moved).isPresent()) {
        open.end(stream, Status.UNAVAILABLE.withDescription("the pod is another service's now"));
      }
    }
  }

  /** One that is gone will end by itself. */
  private boolean moved(Proxy proxy) {
    return proxy
        .pod()
        .flatMap(streams::pod)
        .filter(place ->
            !place.service().equals(proxy.service()) || !place.account().equals(proxy.account()))
        .isPresent();
  }

  /**
   * Ends those whose client has neither read nor answered what waits for it since {@code time}, as
   * the time since the start.
   *
   * @return who they are
   */
  public List<Proxy> endStuck(Duration time) {
    List<Proxy> ended = new ArrayList<>();
    for (AdsStream<?, ?> stream : List.copyOf(open.all())) {
      if (stream.isStuckSince(time)) {
        stream.proxy().ifPresent(ended::add);
        open.end(
            stream,
            Status.DEADLINE_EXCEEDED.withDescription(
                "what was sent has been neither read nor answered for too long"));
      }
    }
    return ended;
  }

  /**
   * Ends those whose client has proved who it is by what ended a while before {@code now}: on a
   * stream it proves nothing anew, so it is to come back with what it has by now. Those of one
   * moment are spread over some minutes, and there are so many at a time.
   *
   * @return who they are, in words
   */
  public List<String> endUnproven(Instant now) {
    List<String> ended = new ArrayList<>();
    if (!nextUnproven.isBefore(now)) {
      return ended;
    }
    nextUnproven = Instant.MAX;
    for (AdsStream<?, ?> stream : List.copyOf(open.all())) {
      Optional<Instant> proof = stream.caller().ends();
      if (proof.isEmpty()) {
        continue;
      }
      Instant end = proof.get().plus(graceOf(stream));
      if (!end.isBefore(now) || ended.size() == MOST_UNPROVEN) {
        awaitEnd(end);
      } else {
        ended.add(
            stream.proxy().map(proxy -> proxy.id() + " (" + proxy.service() + ")").orElse("?"));
        open.end(
            stream,
            Status.UNAUTHENTICATED.withDescription(
                "what it has proved itself by ended at "
                    + proof.get()
                    + "; it may come back with what is newer"));
      }
    }
    return ended;
  }

  /** By its number, which says nothing about when it began, as multiplied. */
  private static Duration graceOf(AdsStream<?, ?> stream) {
    long spread = Math.floorMod(stream.id() * GOLDEN, SPREAD.toMillis());
    return GRACE.plusMillis(spread);
  }
}
