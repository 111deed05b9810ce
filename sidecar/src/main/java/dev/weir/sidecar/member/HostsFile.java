package dev.weir.sidecar.member;

import java.util.List;

/** Names for virtual addresses, as Kubernetes would resolve them in the member's namespace. */
final class HostsFile {
  private HostsFile() {}

  /** The mesh's names first: the first line that has a name counts. */
  static String write(Service member, List<Service> services, String before) {
    StringBuilder hosts = new StringBuilder();
    for (Service service : services) {
      String name = service.name() + "." + service.namespace();
      hosts.append(service.address()).append('\t');
      if (service.namespace().equals(member.namespace())) {
        hosts.append(service.name()).append(' ');
      }
      hosts.append(name).append(' ').append(name).append(".svc ");
      hosts.append(name).append(".svc.cluster.local\n");
    }
    return hosts.append(before).toString();
  }
}
