package dev.weir.control.compile.xds;

import dev.weir.control.compile.Mesh;
import dev.weir.control.model.MeshConfig;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What becomes of calls to none of the services that a sidecar was told of.
 *
 * @param pass whether they go where they were going; else their connections are closed
 * @param asked ranges of IPv4 addresses, as {@code 10.96.0.0/16}, where a service may be that the
 *     sidecar asks for; empty: it was told of all
 * @param origins what people wrote and this follows from: kind and name
 */
public record Elsewhere(boolean pass, SortedSet<String> asked, Set<String> origins) {
  public Elsewhere {
    asked = Collections.unmodifiableSortedSet(new TreeSet<>(asked));
    origins = Set.copyOf(origins);
  }

  /** As {@code mesh} has it, for a sidecar that is told of a part of it. */
  public static Elsewhere of(Mesh mesh) {
    return new Elsewhere(
        mesh.model().config().outbound() == MeshConfig.Outbound.ANY,
        AddressRanges.of(mesh.addresses().values()),
        mesh.model().written().isPresent() ? Set.of("MeshConfig " + MeshConfig.NAME) : Set.of());
  }

  /** The same for one that is told of all, or cannot ask. */
  public Elsewhere withoutAsking() {
    return new Elsewhere(pass, Collections.emptySortedSet(), origins);
  }
}
