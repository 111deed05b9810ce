package dev.weir.control.compile;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The model, with an address for each of its services.
 *
 * @param trustDomain that its workloads are of
 * @param accounts service accounts of a service's instances, where it is not one of its own name
 */
public record Mesh(
    MeshModel model,
    SortedMap<ObjectName, String> addresses,
    String trustDomain,
    Map<ObjectName, Set<String>> accounts) {
  /** Where nobody says another. */
  public static final String TRUST_DOMAIN = "cluster.local";

  public static final Mesh EMPTY = new Mesh(MeshModel.EMPTY, new TreeMap<>());

  /** One of {@link #TRUST_DOMAIN}. */
  public Mesh(MeshModel model, SortedMap<ObjectName, String> addresses) {
    this(model, addresses, TRUST_DOMAIN, Map.of());
  }

  public Mesh {
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
    accounts = Map.copyOf(accounts);
    if (!addresses.keySet().containsAll(model.services().keySet())) {
      throw new IllegalArgumentException("a service without an address");
    }
  }

  public String addressOf(Service service) {
    String address = addresses.get(service.name());
    if (address == null) {
      throw new IllegalArgumentException(service.name() + " is not of this mesh");
    }
    return address;
  }

  /** The service accounts that stand behind a service, one or more. */
  public Set<String> accountsOf(ObjectName service) {
    return accounts.getOrDefault(service, Set.of(service.name()));
  }
}
