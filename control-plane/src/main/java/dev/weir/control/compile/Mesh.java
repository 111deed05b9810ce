package dev.weir.control.compile;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The model, with an address for each of its services.
 *
 * @param trustDomain that its workloads are of
 */
public record Mesh(MeshModel model, SortedMap<ObjectName, String> addresses, String trustDomain) {
  /** Where nobody says another. */
  public static final String TRUST_DOMAIN = "cluster.local";

  /** One of {@link #TRUST_DOMAIN}. */
  public Mesh(MeshModel model, SortedMap<ObjectName, String> addresses) {
    this(model, addresses, TRUST_DOMAIN);
  }

  public Mesh {
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
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
}
