package dev.weir.sidecar.http;

import dev.weir.sidecar.transport.TlsSession;
import org.jspecify.annotations.Nullable;

/** A connection to a host, that streams are made on. Event loop of the connection. */
public interface ClientConnection {
  Protocol protocol();

  /** That were made on it so far. */
  int requests();

  /** Null for one in plain text. */
  @Nullable TlsSession tls();

  /** There must be room for it. */
  StreamEncoder newStream(StreamDecoder decoder);
}
