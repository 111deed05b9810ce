package dev.weir.sidecar.http;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.transport.TlsSession;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection that came to us, as far as is told of it. Event loop of the connection. */
public interface Downstream {
  Loop loop();

  /** Of the listener it came in by: OUTBOUND is the app beside us, INBOUND other workloads. */
  TrafficDirection direction();

  SocketAddress remoteAddress();

  Destination destination();

  /** What its handshake agreed on; null for a connection in plain text. */
  default @Nullable TlsSession tls() {
    return null;
  }

  /** Of HTTP, as {@code %PROTOCOL%} says it; null for what is none. */
  default @Nullable String version() {
    return null;
  }
}
