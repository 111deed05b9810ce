package dev.weir.control.server;

import com.google.protobuf.Message;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.control.server.subscription.Dialect;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * The streams there are. gRPC's threads come in by {@link #open}; everything else is on the control
 * thread, but for answers from which nothing follows: these are noted where they come in. A
 * stream's next request is read when the one before it was dealt with.
 */
public final class OpenStreams {
  /** Of the heap, what is on its way to clients. */
  private static final int OUTFLOW_SHARE = 8;

  /** A client that is alive has read a response by then. */
  private static final Duration LONGEST_FLOW = Duration.ofSeconds(5);

  /** Of the heap, what the clients of one identity say that the mesh does not have. */
  private static final int SAID_SHARE = 32;

  /** A mistake with a stream ends it, so that its client comes back. */
  static final Status OURS =
      Status.INTERNAL.withDescription("a mistake of the control plane's own");

  private final Executor control;
  private final Senders senders;
  private final Streams streams;
  private final LongConsumer ended;
  private final int limit;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, AdsStream<?, ?>> open = new TreeMap<>();
  private final Endings endings;
  private final Audiences audiences = new Audiences();
  private final Shares shares;
  private final Outflow outflow;
  private final BooleanSupplier full;
  private boolean ending;

  /**
   * @param senders where responses are serialized and handed to their connections
   * @param ended is told, on the control thread, the id of a stream that is over
   * @param limit the most streams at once
   * @param full whether connections hold as much memory as they may; any thread
   */
  public OpenStreams(
      Executor control,
      Senders senders,
      Streams streams,
      LongConsumer ended,
      int limit,
      BooleanSupplier full) {
    this.control = control;
    this.senders = senders;
    this.streams = streams;
    this.ended = ended;
    this.endings = new Endings(this, streams);
    this.limit = limit;
    this.shares = new Shares(limit / 2, Runtime.getRuntime().maxMemory() / SAID_SHARE);
    this.full = full;
    this.outflow =
        new Outflow(Runtime.getRuntime().maxMemory() / OUTFLOW_SHARE, LONGEST_FLOW, full);
  }

  <Q, R extends Message> StreamObserver<Q> open(
      Dialect<Q, R> dialect, StreamObserver<R> responses, Caller caller) {
    ServerCallStreamObserver<R> call = (ServerCallStreamObserver<R>) responses;
    long id = ids.incrementAndGet();
    GrpcPeer<R> peer = new GrpcPeer<>(call, senders.of(id), control, outflow, streams::uptime);
    AdsStream<Q, R> stream = new AdsStream<>(id, dialect, peer, streams, caller);
    Runnable close = () -> close(stream, peer);
    peer.serve(stream, close);
    call.disableAutoRequest();
    call.setOnReadyHandler(() -> control.execute(peer::taken));
    call.setOnCancelHandler(() -> control.execute(close));
    call.setOnCloseHandler(() -> control.execute(close));
    control.execute(() -> {
      if (ending) {
        peer.end(Status.UNAVAILABLE.withDescription("this control plane is told to stop"));
      } else if (open.size() >= limit) {
        peer.end(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "this control plane serves " + limit + " streams at most"));
      } else if (!shares.enter(caller)) {
        streams.wrong(caller.name() + ": one identity has " + shares.most(caller));
        peer.end(
            Status.RESOURCE_EXHAUSTED.withDescription("one identity has " + shares.most(caller)));
      } else {
        open.put(stream.id(), stream);
        endings.opened(stream);
        stream.opened();
        peer.more();
      }
    });
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        if (isNoted(dialect, request, peer)) {
          call.request(1);
          return;
        }
        control.execute(() -> {
          if (stream.isOpen()) { // else it was ended, and says nothing any more
            boolean known = stream.proxy().isPresent();
            take(stream, request);
            if (!known) {
              stream.proxy().ifPresent(proxy -> audiences.enter(stream, proxy));
            }
            peer.more();
          }
        });
      }

      @Override
      public void onError(Throwable cause) {
        control.execute(close);
      }

      @Override
      public void onCompleted() {
        control.execute(() -> {
          close.run();
          peer.end(Status.OK);
        });
      }
    };
  }

  /** Whether the request is an answer from which nothing follows. A thread of gRPC's. */
  private <Q, R extends Message> boolean isNoted(
      Dialect<Q, R> dialect, Q request, GrpcPeer<R> peer) {
    Optional<Duration> took =
        dialect.onlyTakes(request)
            ? ResourceType.of(dialect.typeUrl(request))
                .flatMap(type -> peer.took(type, dialect.nonce(request)))
            : Optional.empty();
    took.ifPresent(streams::accepted);
    return took.isPresent();
  }

  /**
   * A mistake of ours ends the stream, so that its client comes back, and is reported; so does a
   * client that says more than it may.
   */
  private <Q> void take(AdsStream<Q, ?> stream, Q request) {
    try {
      stream.request(request);
      if (!shares.take(stream.caller(), stream.saidMore())) {
        streams.wrong(stream.caller().name() + ": of one identity " + shares.mostSaid());
        end(
            stream,
            Status.RESOURCE_EXHAUSTED.withDescription("of one identity " + shares.mostSaid()));
      }
    } catch (RuntimeException mistake) {
      stream.end(OURS);
      throw mistake;
    }
  }

  private void close(AdsStream<?, ?> stream, GrpcPeer<?> peer) {
    close(stream);
    peer.left();
  }

  /** Its client is told why; it may come back. */
  void end(AdsStream<?, ?> stream, Status why) {
    stream.end(why);
    close(stream);
  }

  private void close(AdsStream<?, ?> stream) {
    if (stream.isOpen()) {
      forget(stream);
      ended.accept(stream.id());
    }
  }

  private void forget(AdsStream<?, ?> stream) {
    open.remove(stream.id());
    shares.leave(stream.caller());
    shares.take(stream.caller(), -stream.said());
    stream.proxy().ifPresent(proxy -> audiences.leave(stream, proxy));
    stream.closed();
  }

  /**
   * The mesh changed. Control thread.
   *
   * @param stirred services to whose instances something happened
   * @throws RuntimeException the first mistake, when all have been told
   */
  public void refresh(Collection<ObjectName> stirred) {
    Refresh refresh = new Refresh();
    audiences.tell(streams::snapshot, stirred, refresh);
    refresh.end();
  }

  /** What was held back may be told now. Control thread; throws as {@link #refresh}. */
  public void refreshAll() {
    Refresh refresh = new Refresh();
    for (AdsStream<?, ?> stream : List.copyOf(open.values())) {
      refresh.attempt(stream, stream::refresh);
    }
    refresh.end();
  }

  /**
   * The control plane ends: so do the oldest streams, at most {@code share} of them, and no new one
   * begins. Nobody is told that they are over, because their clients are not. Control thread.
   *
   * @return how many are left
   */
  public int end(int share) {
    ending = true;
    for (AdsStream<?, ?> stream : open.values().stream().limit(share).toList()) {
      forget(stream);
      stream.end(Status.OK);
    }
    return open.size();
  }

  /** Which streams end before their clients do. Control thread. */
  public Endings endings() {
    return endings;
  }

  /** Those who wait for a client that does not read go on. Now and then, on the control thread. */
  public void sweep() {
    outflow.expire(streams.uptime());
  }

  /** Whether connections hold as much memory as they may. Any thread. */
  public boolean full() {
    return full.getAsBoolean();
  }

  /** Control thread. */
  Collection<AdsStream<?, ?>> all() {
    return Collections.unmodifiableCollection(open.values());
  }
}
