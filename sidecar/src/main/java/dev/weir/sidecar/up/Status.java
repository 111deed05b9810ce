package dev.weir.sidecar.up;

import dev.weir.cli.Program;
import dev.weir.cli.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code weir status}. */
final class Status {
  private Status() {}

  static int show(Folders folders, PrintStream out, PrintStream err) throws IOException {
    List<MeshFolder.Member> members = folders.mesh().members();
    Optional<List<ControlPlanePages.Proxy>> proxies =
        members.stream().map(Status::proxies).flatMap(Optional::stream).findFirst();
    if (members.isEmpty()) {
      err.println("weir status: no member of the mesh of " + folders.config() + " runs here");
      return Program.FAILED;
    }
    if (proxies.isEmpty()) {
      err.println("weir status: the control plane does not answer");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "SERVICE", "ADDRESS", "PORTS", "SIDECAR", "CONFIG"));
    boolean well = proxies.isPresent();
    for (MeshFolder.Member member : members) {
      String sidecar = sidecar(member);
      Optional<ControlPlanePages.Proxy> proxy =
          proxies.orElse(List.of()).stream()
              .filter(one -> one.node().equals(member.name()))
              .findFirst();
      well &= sidecar.equals("live") && proxy.map(ControlPlanePages.Proxy::inSync).orElse(false);
      rows.add(
          List.of(
              member.name(),
              proxy.map(ControlPlanePages.Proxy::service).orElse("?"),
              proxy.map(ControlPlanePages.Proxy::address).orElse("?"),
              proxy.map(one -> String.join(",", one.readyPorts())).orElse(""),
              sidecar,
              proxy.map(Status::config).orElse("not connected")));
    }
    Table.lines(rows).forEach(out::println);
    Map<String, String> services =
        proxies.orElse(List.of()).stream()
            .collect(
                Collectors.toMap(
                    ControlPlanePages.Proxy::address,
                    ControlPlanePages.Proxy::service,
                    (one, other) -> one));
    members.stream()
        .flatMap(member -> plainCallers(member, services).stream())
        .forEach(out::println);
    return well ? Program.OK : Program.FAILED;
  }

  /** One that starts does not know yet; another may. */
  private static Optional<List<ControlPlanePages.Proxy>> proxies(MeshFolder.Member member) {
    try {
      return Optional.of(ControlPlanePages.proxies(member.controlPlane("/proxies")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String sidecar(MeshFolder.Member member) {
    try {
      member.admin("/ready");
      return "live";
    } catch (IOException e) {
      return "not ready";
    }
  }

  /** Of one that starts, or ends, there are none. */
  private static List<String> plainCallers(MeshFolder.Member member, Map<String, String> services) {
    try {
      return PlainCallers.lines(member.name(), member.admin("/plaintext"), services, Instant.now());
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String config(ControlPlanePages.Proxy proxy) {
    if (proxy.inSync()) {
      return "in sync";
    }
    List<String> states = new ArrayList<>();
    for (Map.Entry<String, String> type : proxy.types().entrySet()) {
      if (!type.getValue().equals("in force")) {
        states.add(type.getKey() + " " + type.getValue());
      }
    }
    return states.isEmpty() ? "stale" : String.join("; ", states);
  }
}
