package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is known of gRPC by its heads. */
public final class Grpc {
  private static final byte[] TYPE = "application/grpc".getBytes(StandardCharsets.US_ASCII);

  private Grpc() {}

  /**
   * By {@code content-type}: gRPC, whatever its encoding, and not gRPC-Web.
   * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
   */
  public static boolean is(@Nullable Headers message) {
    if (message == null) {
      return false;
    }
    int type = message.find(HeaderName.CONTENT_TYPE);
    int more = type < 0 ? -1 : message.valueLength(type) - TYPE.length;
    if (more < 0) {
      return false;
    }
    byte[] bytes = message.bytes();
    int start = message.valueStart(type);
    int end = start + TYPE.length;
    return Arrays.equals(bytes, start, end, TYPE, 0, TYPE.length)
        && (more == 0 || bytes[end] == '+' || bytes[end] == ';');
  }
}
