package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.Meshes;
import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.Slice;
import dev.weir.control.compile.Slices;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** All that one proxy gets of a mesh, its parts joined. */
final class WholeConfiguration {
  private WholeConfiguration() {}

  static XdsResources of(Mesh mesh, Proxy proxy) {
    Map<ResourceType, SortedMap<String, Message>> all = new EnumMap<>(ResourceType.class);
    Set<Diagnostic> diagnostics = new LinkedHashSet<>();
    List<OutboundPart.Chain> chains = new ArrayList<>();
    SortedMap<ObjectName, Slice> slices = Slices.of(mesh, Meshes::mistaken);
    for (Slice slice : slices.values()) {
      OutboundPart part = Compiler.outbound(slice, proxy.kind());
      add(part.resources(), all, diagnostics);
      OutboundPart.Consumer consumer = part.consumers().get(proxy.service().namespace());
      if (consumer != null) {
        add(consumer.resources(), all, diagnostics);
      }
      chains.addAll(part.chainsFor(proxy.service().namespace()));
    }
    Slice own = slices.getOrDefault(proxy.service(), Slices.without(mesh, proxy.service()));
    add(Compiler.passthrough(proxy.kind()), all, diagnostics);
    add(Compiler.inbound(own, proxy.kind()), all, diagnostics);
    Elsewhere elsewhere = Elsewhere.of(mesh);
    if (!proxy.kind().takes(Extension.ON_DEMAND)) {
      elsewhere = elsewhere.withoutAsking();
    }
    of(ResourceType.LISTENER, all)
        .put(
            Names.OUTBOUND_LISTENER,
            Compiler.outboundListener(proxy.kind(), Telemetry.of(own), elsewhere, chains));
    MeshModel model = mesh.model();
    chains.forEach(chain ->
        of(ResourceType.ENDPOINTS, all)
            .put(
                Names.outbound(chain.port()),
                Compiler.endpoints(chain.port(), model.endpointsOf(chain.port()))));
    return new XdsResources(all, Map.of(), List.copyOf(diagnostics));
  }

  private static void add(
      XdsResources part,
      Map<ResourceType, SortedMap<String, Message>> all,
      Set<Diagnostic> diagnostics) {
    part.byType().forEach((type, byName) -> of(type, all).putAll(byName));
    diagnostics.addAll(part.diagnostics());
  }

  private static SortedMap<String, Message> of(
      ResourceType type, Map<ResourceType, SortedMap<String, Message>> all) {
    return all.computeIfAbsent(type, key -> new TreeMap<>());
  }
}
