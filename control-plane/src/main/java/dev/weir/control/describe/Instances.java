package dev.weir.control.describe;

import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Pod;
import dev.weir.control.model.PodSlice;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Where it is told which instances a service has. */
public interface Instances {
  List<Instance> of(Service service);

  /** Those that resources name, as a folder's do. */
  static Instances named(MeshModel model) {
    return service -> {
      SortedSet<Endpoint> endpoints = new TreeSet<>();
      service
          .ports()
          .forEach(port ->
              endpoints.addAll(model.endpointsOf(new ServicePort(service.name(), port.port()))));
      return endpoints.stream()
          .map(one ->
              new Instance("", one.address() + ":" + one.port(), one.mtls(), Optional.empty(), ""))
          .distinct()
          .toList();
    };
  }

  /** Those of a cluster: the pods that a service selects, and what its EndpointSlices name. */
  static Instances running(List<Pod> pods, List<PodSlice> slices) {
    return service -> {
      Set<String> ready = new HashSet<>();
      slices.stream()
          .filter(slice -> slice.service().equals(service.name()))
          .forEach(slice -> ready.addAll(slice.ready()));
      List<Instance> instances = new ArrayList<>();
      Set<String> known = new HashSet<>();
      for (Pod pod : pods) {
        if (selects(service, pod)) {
          String address = pod.address().orElse("");
          known.add(address);
          instances.add(
              new Instance(
                  pod.name().toString(),
                  address,
                  pod.meshed(),
                  Optional.of(ready.contains(address)),
                  pod.account()));
        }
      }
      ready.stream()
          .filter(address -> !known.contains(address))
          .forEach(
              address -> instances.add(new Instance("", address, false, Optional.of(true), "")));
      instances.sort(Comparator.comparing(Instance::name).thenComparing(Instance::address));
      return instances;
    };
  }

  private static boolean selects(Service service, Pod pod) {
    return !service.selector().isEmpty()
        && service.name().namespace().equals(pod.name().namespace())
        && pod.labels().entrySet().containsAll(service.selector().entrySet());
  }
}
