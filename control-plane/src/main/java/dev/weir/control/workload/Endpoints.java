package dev.weir.control.workload;

import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.Workload;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Where the calls to a service go: what resources name, and the instances that are ready. */
public final class Endpoints {
  private Endpoints() {}

  /** By port; of a service that is not there none. */
  public static SortedMap<ServicePort, SortedSet<Endpoint>> of(
      MeshModel model, ObjectName name, Collection<Workload> instances, Pods pods) {
    SortedMap<ServicePort, SortedSet<Endpoint>> all = new TreeMap<>();
    Service service = model.services().get(name);
    if (service == null) {
      return all;
    }
    SortedMap<ServicePort, SortedSet<Endpoint>> ofPods = pods.endpoints(service);
    for (Port port : service.ports()) {
      ServicePort servicePort = new ServicePort(name, port.port());
      SortedSet<Endpoint> endpoints = new TreeSet<>(model.endpointsOf(servicePort));
      endpoints.addAll(ofPods.getOrDefault(servicePort, Collections.emptySortedSet()));
      for (Workload instance : instances) {
        if (instance.readyPorts().contains(port.targetPort())) {
          Endpoint endpoint = new Endpoint(instance.address(), port.targetPort(), instance.mtls());
          // A resource may name it too, and knows less of it.
          endpoints.removeIf(known ->
              known.address().equals(endpoint.address()) && known.port() == endpoint.port());
          endpoints.add(endpoint);
        }
      }
      all.put(servicePort, service.sameZone() ? endpoints : anywhere(endpoints));
    }
    return all;
  }

  private static SortedSet<Endpoint> anywhere(SortedSet<Endpoint> endpoints) {
    return endpoints.stream()
        .map(Endpoint::anywhere)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
