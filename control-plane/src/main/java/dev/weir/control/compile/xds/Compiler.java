package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.xds.OutboundCompiler.Client;
import dev.weir.control.model.Service;
import dev.weir.control.policy.Policies;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes proxies' resources from one mesh: what their apps call, once for all that get the same of
 * it, and what their apps take. Not thread-safe.
 */
public final class Compiler {
  private final Mesh mesh;
  private final Policies policies;
  private final Map<Client, XdsResources> outbound = new HashMap<>();

  public Compiler(Mesh mesh) {
    this.mesh = mesh;
    this.policies = new Policies(mesh.model());
  }

  /**
   * A proxy of a service that is gone gets what its app may call, and nothing inbound. Resources
   * that proxies have in common are the same objects.
   */
  public XdsResources compile(Proxy proxy) {
    Service known = mesh.model().services().get(proxy.service());
    Service own = known == null ? new Service(proxy.service(), Optional.empty(), List.of()) : known;
    Diagnostics diagnostics = new Diagnostics();
    Client client =
        new Client(
            proxy.kind(), policies.accessLog(own), traceConfig(own, proxy.kind(), diagnostics));
    return outbound
        .computeIfAbsent(client, same -> new OutboundCompiler(mesh, policies, same).compile())
        .with(new InboundCompiler(mesh, policies, client, own).compile())
        .with(new XdsResources(Map.of(), diagnostics.reported()));
  }

  private Map<String, Any> traceConfig(Service own, ProxyKind kind, Diagnostics diagnostics) {
    Map<String, Any> filters = new TreeMap<>();
    policies
        .tracing(own)
        .ifPresent(held -> {
          if (kind.takes(Extension.TRACE_CONTEXT)) {
            filters.put(
                Extension.TRACE_CONTEXT.key(),
                Protos.any(TelemetryCompiler.traceContext(held.value())));
          } else {
            diagnostics.report(
                "TelemetryPolicy " + held.policy().name(),
                "tracing",
                "left out: this client does not take Weir's trace context");
          }
        });
    return filters;
  }
}
