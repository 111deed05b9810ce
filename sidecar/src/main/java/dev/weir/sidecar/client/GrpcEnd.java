package dev.weir.sidecar.client;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** How a call of gRPC ended, by the head or the trailers that end its stream. */
final class GrpcEnd {
  static final int UNAVAILABLE = 14;
  static final int INTERNAL = 13;
  private static final int UNKNOWN = 2;

  private GrpcEnd() {}

  /** The status; without one, what the status of HTTP stands for. */
  static int status(Headers last) {
    String text = last.value(HeaderName.GRPC_STATUS);
    if (text == null) {
      return ofHttp(last.status());
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  /** Empty for none. */
  static String message(Headers last) {
    String message = last.value(HeaderName.GRPC_MESSAGE);
    if (message == null) {
      return "";
    }
    try {
      return URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return message; // a peer that cannot encode is still quoted
    }
  }

  /** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
  static int ofHttp(int status) {
    return switch (status) {
      case 400 -> INTERNAL;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }
}
