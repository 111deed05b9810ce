package dev.weir.control.crd;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Shapes;
import java.util.List;
import java.util.Locale;

/**
 * A kind of Weir's own.
 *
 * @param policy whether it is one of Gateway API's policies, attached to what it is for
 */
record PolicyKind(String kind, String plural, Shape.Struct spec, String doc, boolean policy) {
  PolicyKind(String kind, String plural, Shape.Struct spec, String doc) {
    this(kind, plural, spec, doc, true);
  }

  static final PolicyKind RESILIENCE =
      new PolicyKind(
          "ResiliencePolicy",
          "resiliencepolicies",
          Shapes.of(ResilienceSpec.class),
          "What callers do to reach a service in spite of failures, enforced by the callers'"
              + " sidecars; and how much an instance works on at a time (`concurrency`), enforced"
              + " by its own. Each section is taken whole from the most specific policy that has"
              + " it.");
  static final PolicyKind RATE_LIMIT =
      new PolicyKind(
          "RateLimitPolicy",
          "ratelimitpolicies",
          Shapes.of(RateLimitSpec.class),
          "How much a service takes. Enforced by its own sidecars, so it holds against any"
              + " caller.");
  static final PolicyKind TELEMETRY =
      new PolicyKind(
          "TelemetryPolicy",
          "telemetrypolicies",
          Shapes.of(TelemetrySpec.class),
          "What a service's own sidecars tell, of the calls it takes and makes.");
  static final PolicyKind AUTHENTICATION =
      new PolicyKind(
          "AuthenticationPolicy",
          "authenticationpolicies",
          Shapes.of(AuthenticationSpec.class),
          "Who a caller is: mutual TLS between workloads, and tokens of end users. Enforced by the"
              + " service's own sidecars, so it holds against any caller. Each section is taken"
              + " whole from the most specific policy that has it.");
  static final PolicyKind AUTHORIZATION =
      new PolicyKind(
          "AuthorizationPolicy",
          "authorizationpolicies",
          Shapes.of(AuthorizationSpec.class),
          "Who may call. Enforced by the service's own sidecars. The policies of all levels add"
              + " up.");
  static final PolicyKind MESH_CONFIG =
      new PolicyKind(
          "MeshConfig",
          "meshconfigs",
          Shapes.of(MeshConfig.class),
          "What holds for the mesh as a whole. There is one, named `default`, in the namespace"
              + " `weir-system`.",
          false);
  static final List<PolicyKind> ALL =
      List.of(RESILIENCE, RATE_LIMIT, TELEMETRY, AUTHENTICATION, AUTHORIZATION, MESH_CONFIG);

  String crdName() {
    return plural + ".weir.dev";
  }

  String singular() {
    return kind.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return kind;
  }
}
