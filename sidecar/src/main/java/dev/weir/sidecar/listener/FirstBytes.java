package dev.weir.sidecar.listener;

import dev.weir.sidecar.detect.ClientHello;
import dev.weir.sidecar.detect.Detection;
import dev.weir.sidecar.detect.Detector;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a client has said before its chain is known: kept until somebody takes it, and looked at for
 * what it is. Event loop of the connection.
 */
final class FirstBytes {
  /** Looked at, at most. */
  private static final int MOST = 16 << 10;

  private @Nullable ByteBuf bytes;

  /** There is more; it is this one's to release. Returns whether there was nothing before. */
  boolean add(ByteBuf more) {
    ByteBuf before = bytes;
    if (before == null) {
      bytes = more;
      return true;
    }
    // Copied, not chained: a head that comes byte by byte would nest thousands deep.
    bytes = before.writeBytes(more);
    more.release();
    return false;
  }

  boolean isEmpty() {
    return bytes == null;
  }

  /** What there is, which is the caller's now; null for nothing. */
  @Nullable ByteBuf take() {
    ByteBuf taken = bytes;
    bytes = null;
    return taken;
  }

  void release() {
    ByteBuf unused = take();
    if (unused != null) {
      unused.release();
    }
  }

  /**
   * What they are; what is long and still nothing is opaque.
   *
   * @param http whether they can be HTTP only
   */
  Detection detect(boolean http) {
    if (bytes == null) {
      return Detection.NEED_MORE;
    }
    Detection detection = http ? Detector.http(bytes) : Detector.any(bytes);
    return detection == Detection.NEED_MORE && bytes.readableBytes() >= MOST
        ? Detection.OPAQUE
        : detection;
  }

  /** Of HTTP/1, as ALPN names it. */
  String version() {
    return bytes == null ? "http/1.1" : Detector.version(bytes);
  }

  /** One in tiny records is six times its size on the wire: what is longer is not waited for. */
  ClientHello.Look hello() {
    if (bytes == null) {
      return new ClientHello.Look.Incomplete();
    }
    ClientHello.Look look = ClientHello.look(bytes, MOST);
    return look instanceof ClientHello.Look.Incomplete && bytes.readableBytes() >= 2 * MOST
        ? new ClientHello.Look.Malformed()
        : look;
  }
}
