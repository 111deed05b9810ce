package dev.weir.sidecar.manager;

import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Answers in a proxy's own name: plain text, or for gRPC a status; the cause in {@code
 * x-weir-cause}, RFC 9209's Proxy-Status and Retry-After, for gRPC in the status's details too.
 */
final class LocalReplyWriter {
  private LocalReplyWriter() {}

  static void write(
      ActiveStream stream, FilterChain filters, StreamInfo info, Verdict.LocalReply reply) {
    Headers request = info.request;
    boolean grpc = request != null && grpc(request);
    Headers headers = Headers.response(grpc ? 200 : reply.status());
    Cause cause = info.cause;
    if (reply.headers() != null) {
      Headers extra = reply.headers();
      for (int i = 0; i < extra.size(); i++) {
        if (extra.isField(i)) {
          headers.add(extra.name(i), extra.value(i));
        }
      }
    }
    if (cause != null) {
      headers.add(HeaderName.X_WEIR_CAUSE, cause.text());
      headers.add(
          HeaderName.PROXY_STATUS,
          "weir; error="
              + proxyError(cause)
              + "; details=\""
              + reply.details().replace('"', '\'')
              + "\"");
      cause.retryAfterSeconds().ifPresent(seconds -> headers.add(HeaderName.RETRY_AFTER, seconds));
    }
    filters.dropResponse();
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    if (grpc) {
      headers.add(HeaderName.CONTENT_TYPE, "application/grpc");
      int status = grpcStatus(reply.status());
      headers.add(HeaderName.GRPC_STATUS, status);
      String message = cause == null ? reply.body() : reply.body() + " [" + cause.text() + "]";
      if (!message.isEmpty()) {
        headers.add(HeaderName.GRPC_MESSAGE, percentEncode(message));
      }
      if (cause != null) {
        headers.add(HeaderName.GRPC_STATUS_DETAILS, GrpcStatusDetails.of(status, message, cause));
      }
      filters.responseHeaders(headers, true);
      return;
    }
    headers.add(HeaderName.CONTENT_LENGTH, body.length);
    if (body.length == 0) {
      filters.responseHeaders(headers, true);
      return;
    }
    headers.add(HeaderName.CONTENT_TYPE, "text/plain");
    boolean head = request != null && request.methodIs("HEAD");
    filters.responseHeaders(headers, head);
    if (!head && !stream.finished()) {
      filters.responseData(Unpooled.wrappedBuffer(body), true);
    }
  }

  private static boolean grpc(Headers request) {
    String type = request.value(HeaderName.CONTENT_TYPE);
    return type != null
        && (type.equals("application/grpc") || type.startsWith("application/grpc+"));
  }

  /** RFC 9209 2.3. */
  private static String proxyError(Cause cause) {
    return switch (cause.token()) {
      case "connect-failure" -> "connection_refused";
      case "connect-timeout" -> "connection_timeout";
      case "upstream-closed", "upstream-reset" -> "connection_terminated";
      case "upstream-protocol-error" -> "http_protocol_error";
      case "request-timeout",
          "per-try-timeout",
          "per-try-idle-timeout",
          "stream-idle-timeout",
          "max-stream-duration" ->
          "http_response_timeout";
      case "no-healthy-upstream", "breaker-open" -> "destination_unavailable";
      case "no-route", "no-cluster" -> "destination_not_found";
      case "max-requests", "max-pending-requests" -> "connection_limit_reached";
      case "rate-limited" -> "http_request_denied";
      default -> "proxy_internal_response";
    };
  }

  /**
   * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md, and 504 for a
   * deadline that passed here.
   */
  static int grpcStatus(int status) {
    return switch (status) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503 -> 14;
      case 408, 504 -> 4;
      default -> 2;
    };
  }

  private static String percentEncode(String message) {
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
}
