package dev.weir.sidecar.http;

/** A downstream connection of HTTP as its streams see it. Event loop of the connection. */
public interface ServerConnection extends Downstream {
  /** Who makes the streams of a connection, and hears of its end. */
  interface Owner {
    ServerStream newStream(ServerConnection connection, StreamEncoder encoder);

    /** A request was refused by the codec, before there was a stream. */
    void malformed(ServerConnection connection, int status, String details);

    void closed(ServerConnection connection);
  }

  Protocol protocol();

  /** The version of the last request: HTTP/1.0 is one too. */
  @Override
  default String version() {
    return protocol().toString();
  }

  /** Asks for {@link ServerStream#deadline} at {@code nanos}, if not earlier. */
  void wakeAt(long nanos);

  /**
   * No further requests: HTTP/1.1 says {@code Connection: close}, HTTP/2 GOAWAY; requests under way
   * end. Idle connections end soon.
   */
  void drain();

  /** Ends the connection at once. */
  void close();
}
