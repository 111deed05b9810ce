package dev.weir.sidecar.member.names;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A service as it is asked for.
 *
 * @param namespace empty: the only one that has such a service
 */
public record ServiceName(Optional<String> namespace, String name) {
  private static final int MOST_NAMED = 20;

  /** {@code NAME} or {@code NAMESPACE/NAME}. */
  public static ServiceName parse(String text, Optional<String> namespace) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new ServiceName(namespace, text)
        : new ServiceName(Optional.of(text.substring(0, slash)), text.substring(slash + 1));
  }

  /** The service before anything is known of it but its name, which is whole. */
  public Service named() {
    return new Service(namespace.orElseThrow(), name, "", List.of());
  }

  /**
   * One that may have an instance.
   *
   * @throws IllegalArgumentException with the services that there are, if it is none or several
   */
  public Service in(List<Service> services) {
    List<Service> found =
        services.stream()
            .filter(service -> service.name().equals(name))
            .filter(service -> namespace.isEmpty() || service.namespace().equals(namespace.get()))
            .toList();
    if (found.size() == 1) {
      Service one = found.getFirst();
      if (one.externalName().isPresent()) {
        throw new IllegalArgumentException(
            one.fullName()
                + " is of type ExternalName: it leads to "
                + one.externalName().get()
                + ", and has no instances in the mesh");
      }
      return one;
    }
    throw new IllegalArgumentException(
        found.isEmpty()
            ? "there is no service " + this + "; there are: " + list(services)
            : "several namespaces have a service "
                + this
                + ": "
                + list(found)
                + "; name one: --namespace NAMESPACE");
  }

  private static String list(List<Service> services) {
    String named =
        services.stream()
            .map(Service::fullName)
            .sorted()
            .limit(MOST_NAMED)
            .collect(Collectors.joining(", "));
    int more = services.size() - MOST_NAMED;
    return services.isEmpty() ? "none yet" : more > 0 ? named + " and " + more + " more" : named;
  }

  @Override
  public String toString() {
    return namespace.map(space -> space + "/" + name).orElse(name);
  }
}
