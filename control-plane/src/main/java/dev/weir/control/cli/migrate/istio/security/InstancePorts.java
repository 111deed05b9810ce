package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.model.ObjectName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Istio names the ports of instances, and Weir those of the Services that lead to them. */
record InstancePorts(Services services, List<ObjectName> of) {
  InstancePorts {
    of = List.copyOf(of);
  }

  /** The ports that lead to one of the instances; empty: there is none, or it is not to be told. */
  Optional<List<Integer>> leadingTo(String port) {
    if (!port.matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    int wanted = Integer.parseInt(port);
    Set<Integer> found = new TreeSet<>();
    of.forEach(
        service -> services.leadingTo(service, wanted).ifPresent(each -> found.add(each.number())));
    boolean others =
        of.stream()
            .flatMap(service ->
                services.ports(service).stream()
                    .filter(each -> found.contains(each.number()))
                    .map(each -> services.target(service, each)))
            .anyMatch(target -> target.orElse(0) != wanted);
    return found.isEmpty() || others ? Optional.empty() : Optional.of(List.copyOf(found));
  }
}
