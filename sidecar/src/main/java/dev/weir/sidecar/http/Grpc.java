package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is known of gRPC by its heads. */
public final class Grpc {
  private static final byte[] TYPE = "application/grpc".getBytes(StandardCharsets.US_ASCII);

  /** No status was said: neither in a head nor in trailers. */
  public static final int UNSAID = 17;

  /** What was said is no status of gRPC. */
  public static final int NO_STATUS = 18;

  public static final int UNKNOWN = 2;

  private static final int LAST_STATUS = 16;

  private Grpc() {}

  /** The status of an answer, 0 to 16, {@link #UNSAID} or {@link #NO_STATUS}. */
  public static int status(@Nullable Headers response, @Nullable Headers trailers) {
    int last = trailers == null ? -1 : trailers.find(HeaderName.GRPC_STATUS);
    Headers told = last < 0 ? response : trailers;
    int field = last < 0 && response != null ? response.find(HeaderName.GRPC_STATUS) : last;
    if (told == null || field < 0) {
      return UNSAID;
    }
    int length = told.valueLength(field);
    int start = told.valueStart(field);
    int status = 0;
    for (int i = start; i < start + length; i++) {
      int digit = told.bytes()[i] - '0';
      if (digit < 0 || digit > 9 || status > LAST_STATUS) {
        return NO_STATUS;
      }
      status = status * 10 + digit;
    }
    return length == 0 || status > LAST_STATUS ? NO_STATUS : status;
  }

  /**
   * The status of an answer that says none, by that of HTTP.
   * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
   */
  public static int ofHttp(int status) {
    return switch (status) {
      case 400 -> 13; // INTERNAL
      case 401 -> 16; // UNAUTHENTICATED
      case 403 -> 7; // PERMISSION_DENIED
      case 404 -> 12; // UNIMPLEMENTED
      case 429, 502, 503, 504 -> 14; // UNAVAILABLE
      default -> UNKNOWN;
    };
  }

  /** As {@code grpc-message} carries it. */
  public static String percentEncoded(String message) {
    StringBuilder out = new StringBuilder(message.length());
    for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') {
        out.append((char) b);
      } else {
        out.append('%')
            .append(Character.toUpperCase(Character.forDigit(b >> 4 & 0xf, 16)))
            .append(Character.toUpperCase(Character.forDigit(b & 0xf, 16)));
      }
    }
    return out.toString();
  }

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
