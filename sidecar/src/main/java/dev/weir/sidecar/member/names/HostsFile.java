package dev.weir.sidecar.member.names;

import java.util.List;

/** Names for virtual addresses, as Kubernetes would resolve them in the member's namespace. */
public final class HostsFile {
  private HostsFile() {}

  /**
   * The mesh's names first, as the first line that has a name counts; then the instance's own.
   *
   * @param name the instance's, which is its host's
   */
  public static String write(
      Service member, List<Service> services, String name, String address, String before) {
    StringBuilder hosts = new StringBuilder();
    for (Service service : services) {
      String full = service.name() + "." + service.namespace();
      hosts.append(service.address()).append('\t');
      if (service.namespace().equals(member.namespace())) {
        hosts.append(service.name()).append(' ');
      }
      hosts.append(full).append(" ").append(full).append(".svc ");
      hosts.append(full).append(".svc.cluster.local\n");
    }
    hosts.append(address).append('\t').append(name).append('\n');
    return hosts.append(before).toString();
  }
}
