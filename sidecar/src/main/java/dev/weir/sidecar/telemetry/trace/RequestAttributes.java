package dev.weir.sidecar.telemetry.trace;

import io.opentelemetry.api.common.AttributesBuilder;
import java.util.Set;

/** Attributes of a request and of where it goes, by OpenTelemetry's conventions of HTTP and RPC. */
final class RequestAttributes {
  private static final Set<String> METHODS =
      Set.of(
          "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");

  private RequestAttributes() {}

  /** What a span is called: the method of gRPC, or of HTTP alone, for no path is one of few. */
  static String name(EndedStream.Request request) {
    return request.grpc()
        ? rpcMethod(request)
        : METHODS.contains(request.method()) ? request.method() : "HTTP";
  }

  /** {@code package.Service/Method}. */
  private static String rpcMethod(EndedStream.Request request) {
    String path = request.path();
    return path.startsWith("/") ? path.substring(1) : path;
  }

  /**
   * What was asked for, and of whom.
   *
   * @param client the span is one of who asks
   */
  static void ofRequest(AttributesBuilder to, EndedStream stream, boolean client) {
    EndedStream.Request request = stream.request();
    if (METHODS.contains(request.method())) {
      to.put(Attribute.METHOD, request.method());
    } else {
      to.put(Attribute.METHOD, "_OTHER");
      to.put(Attribute.METHOD_ORIGINAL, request.method());
    }
    if (request.grpc()) {
      to.put(Attribute.RPC_SYSTEM, "grpc");
      to.put(Attribute.RPC_METHOD, rpcMethod(request));
    }
    to.put(Attribute.URL_PATH, request.path());
    to.put(Attribute.URL_SCHEME, request.scheme());
    if (client) {
      to.put(Attribute.URL_FULL, request.scheme() + "://" + request.authority() + request.path());
    }
    server(to, request);
  }

  /** As the client called it: a name, or an address in brackets or without, and maybe a port. */
  private static void server(AttributesBuilder to, EndedStream.Request request) {
    String authority = request.authority();
    if (authority.isEmpty()) {
      return;
    }
    int colon = authority.lastIndexOf(':');
    boolean hasPort =
        colon > authority.lastIndexOf(']')
            && colon == authority.indexOf(':', Math.max(0, authority.lastIndexOf(']')));
    String host = hasPort ? authority.substring(0, colon) : authority;
    to.put(
        Attribute.SERVER_ADDRESS,
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host);
    to.put(
        Attribute.SERVER_PORT,
        port(
            hasPort ? authority.substring(colon + 1) : "",
            request.scheme().equals("https") ? 443 : 80));
  }

  private static long port(String digits, int otherwise) {
    return digits.matches("[0-9]{1,5}") ? Long.parseLong(digits) : otherwise;
  }

  /**
   * Where an attempt went.
   *
   * @param host {@code 10.0.0.1:80} or {@code [::1]:80}; of a Unix socket its path
   */
  static void address(AttributesBuilder to, String host) {
    int colon = host.lastIndexOf(':');
    if (host.startsWith("/") || colon < 0) {
      to.put(Attribute.PEER_ADDRESS, host);
      return;
    }
    String address = host.substring(0, colon);
    to.put(
        Attribute.PEER_ADDRESS,
        address.startsWith("[") ? address.substring(1, address.length() - 1) : address);
    to.put(Attribute.PEER_PORT, port(host.substring(colon + 1), 0));
  }

  /** Of HTTP, from {@code HTTP/1.1}. */
  static void version(AttributesBuilder to, String protocol) {
    String version = protocol.startsWith("HTTP/") ? protocol.substring(5) : protocol;
    if (!version.isEmpty()) {
      to.put(Attribute.PROTOCOL_VERSION, version);
    }
  }
}
