package dev.weir.sidecar.manager;

import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Answers in a proxy's own name: plain text, or for gRPC a status; the cause in {@code
 * x-weir-cause}, RFC 9209's Proxy-Status and Retry-After, for gRPC in the status's details too.
 */
final class LocalReplyWriter {
  private LocalReplyWriter() {}

  /** What to answer with; {@code body} is empty where there is none. */
  record Answer(Headers headers, ByteBuf body) {
    boolean hasBody() {
      return body.isReadable();
    }
  }

  static Answer answer(StreamInfo info, Verdict.LocalReply reply) {
    Headers request = info.request;
    boolean grpc = Grpc.is(request);
    Headers headers = Headers.response(grpc ? 200 : reply.status());
    // Why this is the answer: the log's cause may be why nothing else was tried.
    Cause cause = reply.cause() == null ? info.cause : reply.cause();
    if (reply.headers() != null) {
      Headers extra = reply.headers();
      for (int i = 0; i < extra.size(); i++) {
        // A call of gRPC has the type and the status of its own.
        if (extra.isField(i) && !(grpc && extra.known(i) == HeaderName.CONTENT_TYPE)) {
          headers.add(extra.name(i), extra.value(i));
        }
      }
    }
    if (cause != null) {
      headers.add(HeaderName.X_WEIR_CAUSE, cause.text());
      headers.add(
          HeaderName.PROXY_STATUS,
          "weir; error=" + proxyError(cause) + "; details=\"" + printable(reply.details()) + "\"");
      cause.retryAfterSeconds().ifPresent(seconds -> headers.add(HeaderName.RETRY_AFTER, seconds));
    }
    if (grpc) {
      grpcStatus(headers, reply, cause);
      return new Answer(headers, Unpooled.EMPTY_BUFFER);
    }
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    headers.add(HeaderName.CONTENT_LENGTH, body.length);
    if (body.length > 0 && !headers.has(HeaderName.CONTENT_TYPE)) {
      headers.add(HeaderName.CONTENT_TYPE, "text/plain");
    }
    boolean bodyless = request != null && request.methodIs("HEAD");
    return new Answer(headers, bodyless ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
  }

  /** As an RFC 9651 String holds it. */
  private static String printable(String details) {
    StringBuilder text = new StringBuilder(details.length());
    for (int i = 0; i < details.length(); i++) {
      char c = details.charAt(i);
      text.append(c == '"' || c == '\\' ? '\'' : c < 0x20 || c >= 0x7f ? '?' : c);
    }
    return text.toString();
  }

  private static void grpcStatus(Headers headers, Verdict.LocalReply reply, @Nullable Cause cause) {
    headers.add(HeaderName.CONTENT_TYPE, "application/grpc");
    int status = grpcStatus(reply.status());
    headers.add(HeaderName.GRPC_STATUS, status);
    String why = cause == null ? "" : "[" + cause.text() + "]";
    String message = (reply.body() + " " + why).strip(); // RFC 9113 8.2.1: no space at either end
    if (!message.isEmpty()) {
      headers.add(HeaderName.GRPC_MESSAGE, Grpc.percentEncoded(message));
    }
    if (cause != null) {
      headers.add(HeaderName.GRPC_STATUS_DETAILS, GrpcStatusDetails.of(status, message, cause));
    }
  }

  /** RFC 9209 2.3. */
  private static String proxyError(Cause cause) {
    return switch (cause.token()) {
      case "connect-failure" -> "connection_refused";
      case "connect-timeout" -> "connection_timeout";
      case "upstream-closed", "stale-connection", "upstream-reset" -> "connection_terminated";
      case "upstream-protocol-error" -> "http_protocol_error";
      case "request-timeout",
          "per-try-timeout",
          "per-try-idle-timeout",
          "stream-idle-timeout",
          "max-stream-duration" ->
          "http_response_timeout";
      case "no-healthy-upstream", "breaker-open" -> "destination_unavailable";
      case "no-route", "no-cluster" -> "destination_not_found";
      case "max-requests", "max-pending-requests", Cause.BULKHEAD_FULL ->
          "connection_limit_reached";
      case "rate-limited" -> "http_request_denied";
      case Cause.MALFORMED_REQUEST, Cause.SLOW_REQUEST, "request-too-large" -> "http_request_error";
      case "response-too-large" -> "http_response_incomplete";
      case Cause.INTERNAL_ERROR -> "proxy_internal_error";
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
}
