package dev.weir.sidecar.tcp;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Downstream;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.SocketErrors;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a connection of a {@code tcp_proxy} chain, once, when it is over. Event loop of
 * the connection.
 */
public final class ConnectionLine {
  private record Connection(
      Loop loop, Channel channel, TrafficDirection direction, Destination destination)
      implements Downstream {
    @Override
    public SocketAddress remoteAddress() {
      return channel.remoteAddress();
    }

    @Override
    public @Nullable TlsSession tls() {
      return TlsSession.of(channel);
    }
  }

  final StreamInfo info;
  private final Supplier<List<StreamObserver>> observers;
  private final Loop loop;
  private boolean written;

  /**
   * @param acceptedNanos when it came
   * @param observers in force when it is over
   */
  public ConnectionLine(
      Loop loop,
      Channel channel,
      TrafficDirection direction,
      Destination destination,
      long acceptedNanos,
      Supplier<List<StreamObserver>> observers) {
    this.loop = loop;
    this.observers = observers;
    this.info =
        new StreamInfo(new Connection(loop, channel, direction, destination), acceptedNanos);
  }

  /** What the line will tell. */
  public StreamInfo info() {
    return info;
  }

  /** It is over because it may not be. */
  public void refused(String details, Cause cause) {
    info.connectionTermination = details;
    info.cause = cause;
    write();
  }

  /** It has met nobody. */
  void failed(ResponseFlag flag, String cause) {
    info.flag(flag);
    info.cause = Cause.of(cause);
  }

  /** An instance was met in the end. Unlike Envoy's, the flags do not tell of those before. */
  void met() {
    info.flags = 0;
    info.cause = null;
  }

  /** The instance has said nothing. */
  boolean silent() {
    return info.bytesSent == 0;
  }

  /** The instance's connection has broken. */
  void broken(Throwable cause) {
    String words = String.valueOf(cause.getMessage());
    if (cause instanceof SSLException) {
      words = "TLS_error: " + words;
    } else if (SocketErrors.isReset(cause)) {
      words = "connection_reset";
    }
    info.upstreamFailure = words;
  }

  /** It is over. */
  void write() {
    if (!written) {
      written = true;
      info.endNanos = loop.nanoTime();
      StreamObserver.tell(observers.get(), info, loop);
    }
  }
}
