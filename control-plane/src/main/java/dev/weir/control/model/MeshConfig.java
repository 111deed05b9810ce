package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.util.List;

/** What holds for the mesh as a whole. */
@Rule(
    cel = "!has(self.scope) || self.scope.all(one, one.matches(r'" + ServicePattern.PATTERN + "'))",
    message = ServicePattern.MESSAGE)
public record MeshConfig(
    @Field(
            value =
                "What becomes of a call that is to no service of the mesh: `Any`: it goes where it"
                    + " was going. `Registered`: its connection is closed.",
            defaultsTo = "Any")
        Outbound outbound,
    @Field(
            value =
                "The services that sidecars are told of before their apps call them:"
                    + " `namespace/name`, `namespace/*`, `./*` for the own namespace, `*/*` for"
                    + " all. A sidecar asks for others when its app calls them; who cannot ask,"
                    + " Envoy and gRPC libraries, is told of all unless this is set. The"
                    + " annotation `weir.dev/scope` of a Service says it for its own sidecars,"
                    + " separated by commas. Unset: `./*`.",
            max = "64")
        List<String> scope,
    @Field(
            value =
                "Whose `x-forwarded-client-cert` is believed: any of these, by mutual TLS. An app"
                    + " that one of them calls gets what it says, and who called at the end. Of"
                    + " all others, and of whoever calls in plain text, it is taken out: the app"
                    + " gets who called, and nothing else.",
            max = "64")
        List<Gateway> gateways) {
  /** There is one, of this name; policies for the whole mesh live in its namespace. */
  public static final ObjectName NAME = new ObjectName("weir-system", "default");

  public static final MeshConfig DEFAULT = new MeshConfig(Outbound.ANY, List.of(), List.of());

  public MeshConfig {
    scope = List.copyOf(scope);
    scope.forEach(ServicePattern::of);
    gateways = List.copyOf(gateways);
  }

  /** What becomes of calls to elsewhere. */
  public enum Outbound {
    ANY,
    REGISTERED
  }

  /** The services that sidecars are told of; empty: nobody said. */
  public List<ServicePattern> told() {
    return scope.stream().map(ServicePattern::of).toList();
  }
}
