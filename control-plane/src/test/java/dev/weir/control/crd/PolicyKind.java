package dev.weir.control.crd;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.schema.Shape;
import dev.weir.control.model.schema.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A kind of Weir's own.
 *
 * @param policy whether it is one of Gateway API's policies, attached to what it is for
 */
record PolicyKind(
    String kind,
    String plural,
    String shortName,
    Shape.Struct spec,
    String doc,
    boolean policy,
    List<Column> own) {
  /** A column of what {@code kubectl get} prints. */
  record Column(String name, String description, String type, String path) {}

  private static final Column MODE =
      new Column(
          "Mode", "Whether it acts, or only counts what it would do.", "string", ".spec.mode");

  PolicyKind(
      String kind,
      String plural,
      String shortName,
      Shape.Struct spec,
      String doc,
      Column... columns) {
    this(kind, plural, shortName, spec, doc, true, List.of(columns));
  }

  static final PolicyKind RESILIENCE =
      new PolicyKind(
          "ResiliencePolicy",
          "resiliencepolicies",
          "respol",
          Shapes.of(ResilienceSpec.class),
          "What callers do to reach a service in spite of failures, enforced by the callers'"
              + " sidecars; and how much an instance works on at a time (`concurrency`), enforced"
              + " by its own. Each section is taken whole from the most specific policy that has"
              + " it.",
          MODE);
  static final PolicyKind RATE_LIMIT =
      new PolicyKind(
          "RateLimitPolicy",
          "ratelimitpolicies",
          "ratepol",
          Shapes.of(RateLimitSpec.class),
          "How much a service takes. Enforced by its own sidecars, so it holds against any"
              + " caller.",
          MODE);
  static final PolicyKind TELEMETRY =
      new PolicyKind(
          "TelemetryPolicy",
          "telemetrypolicies",
          "telepol",
          Shapes.of(TelemetrySpec.class),
          "What a service's own sidecars tell, of the calls it takes and makes.",
          new Column(
              "Sample", "How many of the traces are kept.", "string", ".spec.tracing.sample"));
  static final PolicyKind AUTHENTICATION =
      new PolicyKind(
          "AuthenticationPolicy",
          "authenticationpolicies",
          "authnpol",
          Shapes.of(AuthenticationSpec.class),
          "Who a caller is: mutual TLS between workloads, and tokens of end users. Enforced by the"
              + " service's own sidecars, so it holds against any caller. Each section is taken"
              + " whole from the most specific policy that has it.",
          new Column("mTLS", "Of the workloads that call.", "string", ".spec.mtls.mode"),
          new Column("Tokens", "Whether there must be one.", "string", ".spec.jwt.tokens"));
  static final PolicyKind AUTHORIZATION =
      new PolicyKind(
          "AuthorizationPolicy",
          "authorizationpolicies",
          "authzpol",
          Shapes.of(AuthorizationSpec.class),
          "Who may call. Enforced by the service's own sidecars. The policies of all levels add"
              + " up.",
          new Column(
              "Action", "What becomes of a call that a rule names.", "string", ".spec.action"),
          MODE);
  static final PolicyKind MESH_CONFIG =
      new PolicyKind(
          "MeshConfig",
          "meshconfigs",
          "meshcfg",
          Shapes.of(MeshConfig.class),
          "What holds for the mesh as a whole. There is one, named `default`, in the namespace"
              + " `weir-system`.",
          false,
          List.of(
              new Column(
                  "Outbound", "What becomes of calls to elsewhere.", "string", ".spec.outbound")));
  static final List<PolicyKind> ALL =
      List.of(RESILIENCE, RATE_LIMIT, TELEMETRY, AUTHENTICATION, AUTHORIZATION, MESH_CONFIG);

  List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    if (policy) {
      columns.add(
          new Column("Kind", "Of the first that it is for.", "string", ".spec.targetRefs[0].kind"));
      columns.add(
          new Column("Target", "The first that it is for.", "string", ".spec.targetRefs[0].name"));
    }
    columns.addAll(own);
    columns.add(
        new Column(
            "Accepted",
            "Whether it holds.",
            "string",
            (policy ? ".status.ancestors[0].conditions" : ".status.conditions")
                + "[?(@.type==\"Accepted\")].status"));
    columns.add(new Column("Age", "Since it was made.", "date", ".metadata.creationTimestamp"));
    return columns;
  }

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
