package dev.weir.sidecar.format;

import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.transport.Peer;
import dev.weir.sidecar.transport.TlsSession;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The operators by name. */
final class Operators {
  private Operators() {}

  /** Names that {@link #compile} knows, for error messages and docs. */
  static final String KNOWN =
      "START_TIME, REQ, RESP, PROTOCOL, RESPONSE_CODE, RESPONSE_CODE_DETAILS, RESPONSE_FLAGS, BYTES_RECEIVED, BYTES_SENT, DURATION, UPSTREAM_HOST, UPSTREAM_CLUSTER, UPSTREAM_TRANSPORT_FAILURE_REASON, UPSTREAM_REQUEST_ATTEMPT_COUNT, DOWNSTREAM_REMOTE_ADDRESS, DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT, DOWNSTREAM_LOCAL_ADDRESS, DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT, REQUESTED_SERVER_NAME, DOWNSTREAM_TLS_VERSION, DOWNSTREAM_TLS_CIPHER, DOWNSTREAM_LOCAL_URI_SAN, DOWNSTREAM_PEER_URI_SAN, DOWNSTREAM_PEER_DNS_SAN, DOWNSTREAM_PEER_SUBJECT, DOWNSTREAM_PEER_ISSUER, DOWNSTREAM_PEER_SERIAL, DOWNSTREAM_PEER_FINGERPRINT_256, CONNECTION_TERMINATION_DETAILS, ROUTE_NAME, VIRTUAL_HOST_NAME, DYNAMIC_METADATA, TRACE_ID, WEIR_CAUSE, WEIR_SHADOW_CAUSE";

  /**
   * @throws IllegalArgumentException naming the operator
   */
  static Operator compile(String name, @Nullable String argument, int limit) {
    return switch (name) {
      case "START_TIME" -> new StartTime(argument);
      case "REQ" -> HeadField.of(name, argument, limit, info -> info.request);
      case "RESP" -> HeadField.of(name, argument, limit, info -> info.response);
      case "PROTOCOL" -> text(info -> info.connection.version());
      case "RESPONSE_CODE" -> number(info -> info.status);
      case "RESPONSE_CODE_DETAILS" -> text(info -> info.details.isEmpty() ? null : info.details);
      case "RESPONSE_FLAGS" -> text(info -> ResponseFlag.text(info.flags));
      case "BYTES_RECEIVED" -> number(info -> info.bytesReceived);
      case "BYTES_SENT" -> number(info -> info.bytesSent);
      case "DURATION" ->
          number(info ->
              ((info.endNanos == 0 ? info.connection.loop().nanoTime() : info.endNanos)
                      - info.startNanos)
                  / 1_000_000);
      case "UPSTREAM_HOST" -> text(info -> info.upstreamHost);
      case "UPSTREAM_CLUSTER" -> text(info -> info.cluster);
      case "UPSTREAM_TRANSPORT_FAILURE_REASON" ->
          text(info -> info.upstreamFailure.isEmpty() ? null : info.upstreamFailure);
      case "UPSTREAM_REQUEST_ATTEMPT_COUNT" -> number(info -> info.attempts);
      case "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" ->
          address(info -> info.connection.remoteAddress(), true);
      case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" ->
          address(info -> info.connection.remoteAddress(), false);
      case "DOWNSTREAM_LOCAL_ADDRESS" ->
          address(info -> info.connection.destination().address(), true);
      case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" ->
          address(info -> info.connection.destination().address(), false);
      case "REQUESTED_SERVER_NAME" ->
          text(info ->
              tls(info, session -> session.serverName().isEmpty() ? null : session.serverName()));
      case "DOWNSTREAM_LOCAL_URI_SAN" ->
          text(info -> tls(info, session -> list(session.ownUris())));
      case "DOWNSTREAM_TLS_VERSION" -> text(info -> tls(info, TlsSession::version));
      case "DOWNSTREAM_TLS_CIPHER" -> text(info -> tls(info, TlsSession::cipher));
      case "DOWNSTREAM_PEER_URI_SAN" -> peer(peer -> list(peer.uris()));
      case "DOWNSTREAM_PEER_DNS_SAN" -> peer(peer -> list(peer.dnsNames()));
      case "DOWNSTREAM_PEER_SUBJECT" -> peer(Peer::subject);
      case "DOWNSTREAM_PEER_ISSUER" -> peer(Peer::issuer);
      case "DOWNSTREAM_PEER_SERIAL" -> peer(Peer::serial);
      case "DOWNSTREAM_PEER_FINGERPRINT_256" -> peer(Peer::fingerprint);
      case "CONNECTION_TERMINATION_DETAILS" ->
          text(info -> info.connectionTermination.isEmpty() ? null : info.connectionTermination);
      case "ROUTE_NAME" -> text(info -> info.routeName.isEmpty() ? null : info.routeName);
      case "VIRTUAL_HOST_NAME" ->
          text(info -> info.virtualHost.isEmpty() ? null : info.virtualHost);
      case "DYNAMIC_METADATA" -> Metadata.of(name, argument, limit);
      case "TRACE_ID" -> text(info -> info.traceId);
      case "WEIR_CAUSE" ->
          cause(HeadField.of("RESP", "x-weir-cause", limit, info -> info.response));
      case "WEIR_SHADOW_CAUSE" -> text(info -> text(info.shadowCause));
      default ->
          throw new IllegalArgumentException(
              "unknown command operator %" + name + "%; known are " + KNOWN);
    };
  }

  private static Operator text(Function<StreamInfo, @Nullable String> value) {
    return (info, out) -> {
      String text = value.apply(info);
      if (text == null) {
        return false;
      }
      out.put(text);
      return true;
    };
  }

  private static @Nullable String tls(
      StreamInfo info, Function<TlsSession, @Nullable String> value) {
    TlsSession session = info.connection.tls();
    return session == null ? null : value.apply(session);
  }

  private static Operator peer(Function<Peer, @Nullable String> value) {
    return text(info -> {
      TlsSession session = info.connection.tls();
      return session == null || session.peer() == null ? null : value.apply(session.peer());
    });
  }

  private static @Nullable String list(List<String> names) {
    return names.isEmpty() ? null : String.join(",", names);
  }

  /** Ours, or that of the sidecar which answered. */
  private static Operator cause(Operator ofResponse) {
    Operator own = text(info -> text(info.cause));
    return (info, out) -> own.write(info, out) || ofResponse.write(info, out);
  }

  private static @Nullable String text(@Nullable Cause cause) {
    return cause == null ? null : cause.text();
  }

  private static Operator number(ToLongFunction<StreamInfo> value) {
    return new Operator() {
      @Override
      public boolean write(StreamInfo info, ByteSink out) {
        out.put(value.applyAsLong(info));
        return true;
      }

      @Override
      public boolean writeJson(StreamInfo info, ByteSink out) {
        return write(info, out);
      }
    };
  }

  private static Operator address(Function<StreamInfo, SocketAddress> value, boolean port) {
    return (info, out) -> {
      if (!(value.apply(info) instanceof InetSocketAddress inet)) {
        return false;
      }
      writeAddress(inet, port, out);
      return true;
    };
  }

  private static void writeAddress(InetSocketAddress address, boolean port, ByteSink out) {
    byte[] bytes = address.getAddress().getAddress();
    if (bytes.length == 4) {
      for (int i = 0; i < 4; i++) {
        if (i > 0) {
          out.put((byte) '.');
        }
        out.put(bytes[i] & 0xff);
      }
    } else {
      out.put(port ? "[" : "");
      out.put(address.getAddress().getHostAddress());
      out.put(port ? "]" : "");
    }
    if (port) {
      out.put((byte) ':');
      out.put(address.getPort());
    }
  }
}
