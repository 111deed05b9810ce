package dev.weir.sidecar.telemetry.trace;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;

/**
 * The attributes that spans have: OpenTelemetry's semantic conventions of HTTP, RPC and networks,
 * version 1.45, and Weir's own. https://opentelemetry.io/docs/specs/semconv/
 */
final class Attribute {
  static final AttributeKey<String> CLIENT_ADDRESS = stringKey("client.address");
  static final AttributeKey<String> ERROR_TYPE = stringKey("error.type");
  static final AttributeKey<String> METHOD = stringKey("http.request.method");
  static final AttributeKey<String> METHOD_ORIGINAL = stringKey("http.request.method_original");
  static final AttributeKey<Long> REQUEST_BYTES = longKey("http.request.body.size");
  static final AttributeKey<Long> RESEND_COUNT = longKey("http.request.resend_count");
  static final AttributeKey<Long> RESPONSE_BYTES = longKey("http.response.body.size");
  static final AttributeKey<Long> STATUS = longKey("http.response.status_code");
  static final AttributeKey<String> PEER_ADDRESS = stringKey("network.peer.address");
  static final AttributeKey<Long> PEER_PORT = longKey("network.peer.port");
  static final AttributeKey<String> PROTOCOL_VERSION = stringKey("network.protocol.version");
  static final AttributeKey<String> RPC_METHOD = stringKey("rpc.method");
  static final AttributeKey<String> RPC_STATUS = stringKey("rpc.response.status_code");
  static final AttributeKey<String> RPC_SYSTEM = stringKey("rpc.system.name");
  static final AttributeKey<String> SERVER_ADDRESS = stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = longKey("server.port");
  static final AttributeKey<String> URL_FULL = stringKey("url.full");
  static final AttributeKey<String> URL_PATH = stringKey("url.path");
  static final AttributeKey<String> URL_SCHEME = stringKey("url.scheme");
  static final AttributeKey<String> USER_AGENT = stringKey("user_agent.original");

  /** 1 for the first of its request. */
  static final AttributeKey<Long> WEIR_ATTEMPT = longKey("weir.attempt");

  /** Of a request. */
  static final AttributeKey<Long> WEIR_ATTEMPTS = longKey("weir.attempts");

  /** The breaker that has refused it: {@code open}, or half-open with all its probes under way. */
  static final AttributeKey<String> WEIR_BREAKER = stringKey("weir.breaker");

  /** Why it was refused or cut, here or by the sidecar that answered: docs/causes.md. */
  static final AttributeKey<String> WEIR_CAUSE = stringKey("weir.cause");

  static final AttributeKey<String> WEIR_CLUSTER = stringKey("weir.cluster");

  /** A further copy of a request that was slow to be answered. */
  static final AttributeKey<Boolean> WEIR_COPY = booleanKey("weir.copy");

  /** Envoy's response code details. */
  static final AttributeKey<String> WEIR_DETAILS = stringKey("weir.details");

  /** Envoy's response flags, joined by commas. */
  static final AttributeKey<String> WEIR_FLAGS = stringKey("weir.flags");

  static final AttributeKey<String> WEIR_LIMIT = stringKey("weir.limit");

  /** That decided. */
  static final AttributeKey<String> WEIR_POLICY = stringKey("weir.policy");

  /** The connection had served a request before. */
  static final AttributeKey<Boolean> WEIR_REUSED = booleanKey("weir.connection.reused");

  static final AttributeKey<String> WEIR_ROUTE = stringKey("weir.route");

  /** As {@link #WEIR_CAUSE}, of a policy in shadow mode. */
  static final AttributeKey<String> WEIR_SHADOW_CAUSE = stringKey("weir.shadow_cause");

  /** It was refused for the load that there is. */
  static final AttributeKey<Boolean> WEIR_SHED = booleanKey("weir.shed");

  private Attribute() {}
}
