package dev.weir.sidecar.http;

import org.jspecify.annotations.Nullable;

/** What is known of gRPC by its heads. */
public final class Grpc {
  private static final String TYPE = "application/grpc";

  private Grpc() {}

  /**
   * By {@code content-type}: gRPC, whatever its encoding, and not gRPC-Web.
   * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
   */
  public static boolean is(@Nullable Headers message) {
    if (message == null) {
      return false;
    }
    String type = message.value(HeaderName.CONTENT_TYPE);
    return type != null
        && type.startsWith(TYPE)
        && (type.length() == TYPE.length()
            || type.charAt(TYPE.length()) == '+'
            || type.charAt(TYPE.length()) == ';');
  }
}
