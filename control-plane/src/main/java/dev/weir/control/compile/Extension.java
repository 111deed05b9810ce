package dev.weir.control.compile;

import com.google.protobuf.Message;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Bulkhead;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RateLimit;
import dev.weir.protos.extensions.filters.http.router.v1alpha1.Hedging;
import dev.weir.protos.extensions.filters.http.trace_context.v1alpha1.TraceContext;
import dev.weir.protos.extensions.filters.listener.instances.v1alpha1.Instances;
import dev.weir.protos.extensions.filters.listener.on_demand.v1alpha1.OnDemand;
import dev.weir.protos.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry;
import dev.weir.protos.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert;
import dev.weir.protos.extensions.upstreams.v1alpha1.ResilienceOptions;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Weir's parts, which a client gets when it says that it takes them. */
public enum Extension {
  BULKHEAD("weir.filters.http.bulkhead", Bulkhead.getDefaultInstance()),
  ON_DEMAND("weir.filters.listener.on_demand", OnDemand.getDefaultInstance()),
  INSTANCES("weir.filters.listener.instances", Instances.getDefaultInstance()),
  TELEMETRY("weir.filters.listener.telemetry", ListenerTelemetry.getDefaultInstance()),
  HEDGING("envoy.filters.http.router", Hedging.getDefaultInstance()),
  CIRCUIT_BREAKER("weir.filters.http.circuit_breaker", CircuitBreaker.getDefaultInstance()),
  RATE_LIMIT("weir.filters.http.rate_limit", RateLimit.getDefaultInstance()),
  TRACE_CONTEXT("weir.filters.http.trace_context", TraceContext.getDefaultInstance()),
  FORWARDED_CLIENT_CERT(
      "weir.http.forwarded_client_cert", ForwardedClientCert.getDefaultInstance()),
  RESILIENCE_OPTIONS("weir.upstreams.resilience", ResilienceOptions.getDefaultInstance()),

  /** It has a certificate of the mesh's CA, and what is called beside it may be called by TLS. */
  WORKLOAD_IDENTITY("weir.bootstrap.identity", WorkloadIdentity.getDefaultInstance());

  private final String key;
  private final String typeUrl;

  Extension(String key, Message message) {
    this.key = key;
    this.typeUrl = TypeRegistry.typeUrl(message);
  }

  /** Those of {@code typeUrls} that are one of these. */
  static Set<String> known(Set<String> typeUrls) {
    return Arrays.stream(values())
        .map(Extension::typeUrl)
        .filter(typeUrls::contains)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The filter's name, or the key its options are found by. */
  public String key() {
    return key;
  }

  public String typeUrl() {
    return typeUrl;
  }
}
