package dev.weir.control.server;

import com.google.protobuf.Message;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.Outflow.Flow;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client of a stream over gRPC. A stream that ended here is closed once; what the control
 * thread still sends it is dropped. What goes out does so in order, on another thread than the
 * control thread, on which everything here is.
 */
final class GrpcPeer<R extends Message> implements Peer<R>, Outflow.Waiting {
  /** By type, what is on its way. The same ones always. */
  private final EnumMap<ResourceType, Flow> flows = new EnumMap<>(ResourceType.class);

  private final ServerCallStreamObserver<R> call;
  private final Executor sender;
  private final Executor control;
  private final Outflow outflow;
  private final Supplier<Duration> uptime;
  private @Nullable Served served;
  private boolean over;

  /**
   * What the connection said when the last response was handed to it: to ask it costs more than all
   * else that is done about a small response. It may be full since then, of that one.
   */
  private volatile boolean ready;

  /**
   * Whom it is the client of.
   *
   * @param close forgets the stream
   */
  private record Served(AdsStream<?, ?> stream, Runnable close) {}

  /**
   * @param sender where responses are serialized and handed to the connection
   * @param outflow what is on its way to all clients
   * @param uptime since the start
   */
  GrpcPeer(
      ServerCallStreamObserver<R> call,
      Executor sender,
      Executor control,
      Outflow outflow,
      Supplier<Duration> uptime) {
    this.call = call;
    this.sender = sender;
    this.control = control;
    this.outflow = outflow;
    this.uptime = uptime;
    for (ResourceType type : ResourceType.values()) {
      flows.put(type, new Flow());
    }
  }

  private Flow flow(ResourceType type) {
    return Objects.requireNonNull(flows.get(type));
  }

  /**
   * It is the client of this stream.
   *
   * @param close forgets the stream
   */
  void serve(AdsStream<?, R> stream, Runnable close) {
    served = new Served(stream, close);
  }

  @Override
  public boolean ready(long bytes) {
    return !over && (ready || call.isReady()) && outflow.hasRoom(this, bytes);
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

  /** The client is gone. */
  void left() {
    outflow.left(this, flows.values());
  }

  @Override
  public void answered(ResourceType type) {
    outflow.taken(flow(type));
  }

  @Override
  public void note(ResourceType type, String nonce) {
    flow(type).note(nonce);
  }

  @Override
  public boolean noted(ResourceType type) {
    return flow(type).noted();
  }

  /**
   * The client took the response of this nonce, which is noted if nothing follows from it. Any
   * thread.
   *
   * @return after which time; empty: the stream is to be told
   */
  Optional<Duration> took(ResourceType type, String nonce) {
    Flow flow = flow(type);
    Optional<Duration> sent = flow.take(nonce);
    if (sent.isPresent() && outflow.hasLine()) {
      control.execute(() -> outflow.noted(flow));
    }
    return sent.map(at -> uptime.get().minus(at));
  }

  /** Called when another's response is over: a mistake with this stream is not that one's. */
  @Override
  public void room() {
    if (served == null || over) {
      return;
    }
    AdsStream<?, ?> stream = served.stream();
    try {
      stream.ready();
    } catch (RuntimeException mistake) {
      stream.end(OpenStreams.OURS);
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
      outflow.sent(flow(type), response.getSerializedSize(), uptime.get());
      sender.execute(() -> {
        try {
          if (!call.isCancelled()) {
            call.onNext(response);
            ready = call.isReady();
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
    if (served != null) {
      served.close().run();
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
