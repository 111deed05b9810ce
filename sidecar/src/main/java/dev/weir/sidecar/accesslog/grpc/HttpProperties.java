package dev.weir.sidecar.accesslog.grpc;

import com.google.protobuf.UInt32Value;
import dev.weir.sidecar.http.FieldText;
import io.envoyproxy.envoy.config.core.v3.RequestMethod;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry.HTTPVersion;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPRequestProperties;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import java.util.List;
import java.util.function.BiConsumer;

/** What an entry of HTTP has beside what each has. */
final class HttpProperties {
  private HttpProperties() {}

  static void addTo(HTTPAccessLogEntry.Builder to, HttpFacts http, Entry entry) {
    to.setProtocolVersion(version(http.version()))
        .setRequest(request(http.request(), entry.bytesReceived()))
        .setResponse(response(http, entry.bytesSent()));
  }

  private static HTTPVersion version(String said) {
    return switch (said) {
      case "HTTP/1.0" -> HTTPVersion.HTTP10;
      case "HTTP/1.1" -> HTTPVersion.HTTP11;
      case "HTTP/2" -> HTTPVersion.HTTP2;
      default -> HTTPVersion.PROTOCOL_UNSPECIFIED;
    };
  }

  private static HTTPRequestProperties request(HttpFacts.Request request, long bodyBytes) {
    HTTPRequestProperties.Builder made =
        HTTPRequestProperties.newBuilder()
            .setRequestMethod(method(request.method()))
            .setScheme(request.scheme())
            .setAuthority(FieldText.decoded(request.authority()))
            .setPath(FieldText.decoded(request.path()))
            .setOriginalPath(FieldText.decoded(request.originalPath()))
            .setUserAgent(FieldText.decoded(request.userAgent()))
            .setReferer(FieldText.decoded(request.referer()))
            .setForwardedFor(FieldText.decoded(request.forwardedFor()))
            .setRequestId(FieldText.decoded(request.requestId()))
            .setRequestHeadersBytes(request.headersBytes())
            .setRequestBodyBytes(bodyBytes);
    pairs(request.headers(), made::putRequestHeaders);
    return made.build();
  }

  private static RequestMethod method(String name) {
    return switch (name) {
      case "CONNECT" -> RequestMethod.CONNECT;
      case "DELETE" -> RequestMethod.DELETE;
      case "GET" -> RequestMethod.GET;
      case "HEAD" -> RequestMethod.HEAD;
      case "OPTIONS" -> RequestMethod.OPTIONS;
      case "PATCH" -> RequestMethod.PATCH;
      case "POST" -> RequestMethod.POST;
      case "PUT" -> RequestMethod.PUT;
      case "TRACE" -> RequestMethod.TRACE;
      default -> RequestMethod.METHOD_UNSPECIFIED;
    };
  }

  private static HTTPResponseProperties response(HttpFacts http, long bodyBytes) {
    HTTPResponseProperties.Builder made =
        HTTPResponseProperties.newBuilder()
            .setResponseHeadersBytes(http.response().headersBytes())
            .setResponseBodyBytes(bodyBytes)
            .setResponseCodeDetails(http.details());
    if (http.status() != 0) {
      made.setResponseCode(UInt32Value.of(http.status()));
    }
    pairs(http.response().headers(), made::putResponseHeaders);
    pairs(http.response().trailers(), made::putResponseTrailers);
    return made.build();
  }

  private static void pairs(List<String> texts, BiConsumer<String, String> put) {
    for (int i = 0; i < texts.size(); i += 2) {
      put.accept(texts.get(i), FieldText.decoded(texts.get(i + 1)));
    }
  }
}
