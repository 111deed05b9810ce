package dev.weir.control.model;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A part of a service's instances, as a cluster sees them.
 *
 * @param ports numbers by the name of the service's port; empty for one without a name
 * @param ready addresses of those that take calls
 * @param unready addresses of the others that are to stay
 * @param zones where each address is, as far as the cluster says so
 */
public record PodSlice(
    ObjectName name,
    ObjectName service,
    Map<String, List<Integer>> ports,
    Set<String> ready,
    Set<String> unready,
    Map<String, String> zones) {
  public PodSlice {
    ports = Map.copyOf(ports);
    ready = Set.copyOf(ready);
    unready = Set.copyOf(unready);
    zones = Map.copyOf(zones);
  }

  /** Of all of them. */
  public Set<String> addresses() {
    Set<String> all = new HashSet<>(ready);
    all.addAll(unready);
    return all;
  }
}
