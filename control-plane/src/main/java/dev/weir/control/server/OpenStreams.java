package dev.weir.control.server;

import com.google.protobuf.Message;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams there are. gRPC's threads come in by {@link #open}; everything else is on the control
 * thread. A stream's next request is read when the one before it was dealt with.
 */
public final class OpenStreams {
  /** Of the heap, what is on its way to clients. */
  private static final int OUTFLOW_SHARE = 8;

  /** A client that is alive has read a response by then. */
  private static final Duration LONGEST_FLOW = Duration.ofSeconds(5);

  /** Connections last for half an hour: who has a newer certificate shows it soon. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  /** All of a mesh may have started at once, and have certificates that end at once. */
  private static final Duration SPREAD = Duration.ofMinutes(10);

  /** Of the heap, what the clients of one identity say that the mesh does not have. */
  private static final int SAID_SHARE = 32;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MOST_UNPROVEN = 50;

  private static final Status OURS =
      Status.INTERNAL.withDescription("a mistake of the control plane's own");

  private final Executor control;
  private final Senders senders;
  private final Streams streams;
  private final LongConsumer ended;
  private final int limit;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, AdsStream<?, ?>> open = new TreeMap<>();
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
    GrpcPeer<R> peer = new GrpcPeer<>(call, senders.of(id));
    AdsStream<Q, R> stream = new AdsStream<>(id, dialect, peer, streams, caller);
    peer.stream = stream;
    call.disableAutoRequest();
    call.setOnReadyHandler(() -> control.execute(peer::taken));
    call.setOnCancelHandler(() -> control.execute(() -> close(stream, peer)));
    call.setOnCloseHandler(() -> control.execute(() -> close(stream, peer)));
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
        peer.more();
      }
    });
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        control.execute(() -> {
          if (open.containsKey(stream.id())) { // else it was ended, and says nothing any more
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
        control.execute(() -> close(stream, peer));
      }

      @Override
      public void onCompleted() {
        control.execute(() -> {
          close(stream, peer);
          peer.end(Status.OK);
        });
      }
    };
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
        stream.end(
            Status.RESOURCE_EXHAUSTED.withDescription("of one identity " + shares.mostSaid()));
        close(stream);
      }
    } catch (RuntimeException mistake) {
      stream.end(OURS);
      throw mistake;
    }
  }

  private void close(AdsStream<?, ?> stream, GrpcPeer<?> peer) {
    close(stream);
    outflow.left(peer, peer.flows());
  }

  private void close(AdsStream<?, ?> stream) {
    if (open.containsKey(stream.id())) {
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

  /** A mistake with one stream ends it, and keeps no other from its news. */
  private static final class Refresh implements Audiences.Telling {
    private @Nullable RuntimeException first;

    @Override
    public void tell(AdsStream<?, ?> stream, Snapshot next) {
      attempt(stream, () -> stream.refresh(next));
    }

    void attempt(AdsStream<?, ?> stream, Runnable news) {
      try {
        news.run();
      } catch (RuntimeException mistake) {
        failed(List.of(stream), mistake);
      }
    }

    @Override
    public void failed(Collection<AdsStream<?, ?>> failed, RuntimeException mistake) {
      failed.forEach(stream -> stream.end(OURS));
      if (first == null) {
        first = mistake;
      } else {
        first.addSuppressed(mistake);
      }
    }

    void end() {
      if (first != null) {
        throw first;
      }
    }
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

  /**
   * Ends those in pods of the cluster that are another service's now, or run as another account;
   * they come back. Control thread.
   */
  public void endMoved() {
    for (AdsStream<?, ?> stream : List.copyOf(open.values())) {
      if (stream.proxy().filter(this::moved).isPresent()) {
        stream.end(Status.UNAVAILABLE.withDescription("the pod is another service's now"));
        close(stream);
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
   * the time since the start; it may come back. Control thread.
   *
   * @return who they are
   */
  public List<Proxy> endStuck(Duration time) {
    List<Proxy> ended = new ArrayList<>();
    for (AdsStream<?, ?> stream : List.copyOf(open.values())) {
      if (stream.isStuckSince(time)) {
        stream.proxy().ifPresent(ended::add);
        stream.end(
            Status.DEADLINE_EXCEEDED.withDescription(
                "what was sent has been neither read nor answered for too long"));
        close(stream);
      }
    }
    return ended;
  }

  /**
   * Ends those whose client has proved who it is by what ended a while before {@code now}: on a
   * stream it proves nothing anew, so it is to come back with what it has by now. Those of one
   * moment are spread over some minutes, and there are so many at a time. Control thread.
   *
   * @return who they are, in words
   */
  public List<String> endUnproven(Instant now) {
    List<String> ended = new ArrayList<>();
    for (AdsStream<?, ?> stream : List.copyOf(open.values())) {
      Optional<Instant> proof = stream.caller().ends();
      if (ended.size() < MOST_UNPROVEN
          && proof.isPresent()
          && proof.get().plus(graceOf(stream)).isBefore(now)) {
        ended.add(
            stream.proxy().map(proxy -> proxy.id() + " (" + proxy.service() + ")").orElse("?"));
        stream.end(
            Status.UNAUTHENTICATED.withDescription(
                "what it has proved itself by ended at "
                    + proof.get()
                    + "; it may come back with what is newer"));
        close(stream);
      }
    }
    return ended;
  }

  /** By its number, which says nothing about when it began, as multiplied. */
  private static Duration graceOf(AdsStream<?, ?> stream) {
    long spread = Math.floorMod(stream.id() * GOLDEN, SPREAD.toMillis());
    return GRACE.plusMillis(spread);
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

  /**
   * A stream that ended here is closed once; what the control thread still sends it is dropped.
   * What goes out does so in order, on another thread than the control thread.
   */
  private final class GrpcPeer<R extends Message> implements Peer<R>, Outflow.Waiting {
    /** By type, what the response is known by that is on its way. */
    private final Map<ResourceType, Object> flows = new EnumMap<>(ResourceType.class);

    private final ServerCallStreamObserver<R> call;
    private final Executor sender;
    private @Nullable AdsStream<?, R> stream;
    private boolean over;

    GrpcPeer(ServerCallStreamObserver<R> call, Executor sender) {
      this.call = call;
      this.sender = sender;
    }

    @Override
    public boolean ready(long bytes) {
      return !over && call.isReady() && outflow.hasRoom(this, bytes);
    }

    @Override
    public boolean inLine() {
      return outflow.inLine(this);
    }

    /** The connection can take more. */
    void taken() {
      flows.values().forEach(outflow::taken);
      room();
    }

    Collection<Object> flows() {
      return flows.values();
    }

    @Override
    public void answered(ResourceType type) {
      Object flow = flows.get(type);
      if (flow != null) {
        outflow.taken(flow);
      }
    }

    /** Called when another's response is over: a mistake with this stream is not that one's. */
    @Override
    public void room() {
      if (stream == null || over) {
        return;
      }
      try {
        stream.ready();
      } catch (RuntimeException mistake) {
        stream.end(OURS);
        control.execute(() -> {
          throw mistake;
        });
      }
    }

    /** The next request may come. */
    void more() {
      sender.execute(() -> call.request(1));
    }

    @Override
    public void send(ResourceType type, R response) {
      if (!over) {
        outflow.sent(
            flows.computeIfAbsent(type, key -> new Object()),
            response.getSerializedSize(),
            streams.uptime());
        sender.execute(() -> {
          try {
            if (!call.isCancelled()) {
              call.onNext(response);
            }
          } catch (RuntimeException | OutOfMemoryError mistake) {
            control.execute(() -> failed(mistake));
          }
        });
      }
    }

    /** What came of it is not known: the client comes back, and begins anew. */
    private void failed(Throwable mistake) {
      end(Status.UNAVAILABLE.withDescription("a response could not be sent"));
      if (stream != null) {
        close(stream, this);
      }
      throw new IllegalStateException("a response could not be sent", mistake);
    }

    @Override
    public void end(Status status) {
      if (over) {
        return;
      }
      over = true;
      sender.execute(() -> {
        if (call.isCancelled()) {
          return;
        }
        if (status.isOk()) {
          call.onCompleted();
        } else {
          call.onError(status.asException());
        }
      });
    }
  }
}
