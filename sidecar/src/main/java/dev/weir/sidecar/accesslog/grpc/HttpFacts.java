package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of a request and its response, what an entry tells. Texts are as on the wire, a character a byte,
 * and empty for none; a client's are cut.
 *
 * @param version as {@code %PROTOCOL%} says it
 * @param status 0: there was no response
 */
record HttpFacts(String version, Request request, int status, String details, Response response) {
  /** Characters of one text; a client chooses how long a path is. */
  private static final int MOST_TEXT = 4 << 10;

  /**
   * @param headersBytes names and values
   * @param headers names and values in turn
   */
  record Request(
      String method,
      String scheme,
      String authority,
      String path,
      String originalPath,
      String userAgent,
      String referer,
      String forwardedFor,
      String requestId,
      long headersBytes,
      List<String> headers) {
    private static final Request NONE =
        new Request("", "", "", "", "", "", "", "", "", 0, List.of());

    private static Request of(Headers head, List<String> names) {
      return new Request(
          cut(head.method()),
          head.scheme(),
          cut(head.authority()),
          cut(head.path()),
          cut(head.value(HeaderName.X_ENVOY_ORIGINAL_PATH)),
          cut(head.value(HeaderName.USER_AGENT)),
          cut(head.value("referer")),
          cut(head.value(HeaderName.X_FORWARDED_FOR)),
          cut(head.value(HeaderName.X_REQUEST_ID)),
          size(head)
              + size(":method", head.method())
              + size(":scheme", head.scheme())
              + size(":authority", head.authority())
              + size(":path", head.path()),
          named(head, names));
    }
  }

  /**
   * @param headersBytes names and values
   * @param headers names and values in turn, as {@code trailers}
   */
  record Response(long headersBytes, List<String> headers, List<String> trailers) {}

  static HttpFacts of(StreamInfo info, AccessLog.Additional headers) {
    String version = info.connection.version();
    Headers request = info.request;
    Headers response = info.response;
    return new HttpFacts(
        version == null ? "" : version,
        request == null ? Request.NONE : Request.of(request, headers.ofRequest()),
        info.status,
        info.details,
        new Response(
            response == null
                ? 0
                : size(response) + size(":status", Integer.toString(response.status())),
            named(response, headers.ofResponse()),
            named(info.trailers, headers.ofTrailers())));
  }

  /** Characters of all texts. */
  int length() {
    int length =
        request.path.length()
            + request.originalPath.length()
            + request.authority.length()
            + request.userAgent.length()
            + request.referer.length()
            + request.forwardedFor.length()
            + request.requestId.length()
            + details.length();
    for (String each : request.headers) {
      length += each.length();
    }
    for (String each : response.headers) {
      length += each.length();
    }
    for (String each : response.trailers) {
      length += each.length();
    }
    return length;
  }

  private static long size(Headers head) {
    long size = 0;
    for (int field = 0; field < head.size(); field++) {
      if (head.isField(field)) {
        size += head.nameLength(field) + head.valueLength(field);
      }
    }
    return size;
  }

  private static int size(String name, String value) {
    return value.isEmpty() ? 0 : name.length() + value.length();
  }

  private static List<String> named(@Nullable Headers head, List<String> names) {
    if (head == null || names.isEmpty()) {
      return List.of();
    }
    List<String> told = new ArrayList<>();
    for (String name : names) {
      String value = head.value(name);
      if (value != null) {
        told.add(name);
        told.add(cut(value));
      }
    }
    return told;
  }

  private static String cut(@Nullable String text) {
    return text == null ? "" : text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
  }
}
