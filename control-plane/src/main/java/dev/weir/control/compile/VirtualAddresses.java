package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Gives services without a clusterIP an address of 240.240.0.0/16, a range that is routed nowhere.
 * A name keeps its address while this lives, and without collisions gets the same one after a
 * restart, because it is a hash of the name. Control thread.
 */
public final class VirtualAddresses {
  private static final int SIZE = 1 << 16;

  private final Map<ObjectName, Integer> given = new HashMap<>();

  /** The address of each service. An address is free again when its service is gone. */
  public SortedMap<ObjectName, String> of(Collection<Service> services) {
    Set<String> fixed = new HashSet<>();
    Set<ObjectName> names = new HashSet<>();
    for (Service service : services) {
      service.clusterIp().ifPresentOrElse(fixed::add, () -> names.add(service.name()));
    }
    given.keySet().retainAll(names);
    given.values().removeIf(host -> fixed.contains(text(host)));
    Set<Integer> taken = new HashSet<>(given.values());
    SortedMap<ObjectName, String> addresses = new TreeMap<>();
    for (Service service : services) {
      addresses.put(
          service.name(),
          service.clusterIp().orElseGet(() -> text(allocate(service.name(), taken, fixed))));
    }
    return addresses;
  }

  private int allocate(ObjectName name, Set<Integer> taken, Set<String> fixed) {
    Integer known = given.get(name);
    if (known != null) {
      return known;
    }
    CRC32 hash = new CRC32();
    hash.update(name.toString().getBytes(StandardCharsets.UTF_8));
    int start = (int) (hash.getValue() % SIZE);
    for (int i = 0; i < SIZE; i++) {
      int host = (start + i) % SIZE;
      if (usable(host) && !fixed.contains(text(host)) && taken.add(host)) {
        given.put(name, host);
        return host;
      }
    }
    throw new IllegalStateException("more than " + SIZE + " services need a virtual address");
  }

  /** Neither the network's own address nor its broadcast. */
  private static boolean usable(int host) {
    return host > 0 && host < SIZE - 1;
  }

  private static String text(int host) {
    return "240.240." + (host >> 8) + "." + (host & 255);
  }
}
