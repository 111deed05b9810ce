package dev.weir.sidecar.up;

import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import dev.weir.cli.mesh.MeshFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code weir status}. */
final class Status {
  private static final String LIVE = "live";

  private Status() {}

  static int show(Folders folders, Output output, PrintStream out, PrintStream err)
      throws IOException {
    List<MeshFolder.Member> members = folders.mesh().members();
    Optional<List<ControlPlanePages.Proxy>> proxies =
        first(members, "/proxies", page -> Optional.of(ControlPlanePages.proxies(page)));
    if (members.isEmpty()) {
      err.println("weir status: no member of the mesh of " + folders.config() + " runs here");
      output.print(fields(false, Optional.empty(), List.of()), List.of(), out);
      return Program.FAILED;
    }
    if (proxies.isEmpty()) {
      err.println("weir status: the control plane does not answer");
    }
    List<Map<String, Object>> sidecars = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "SERVICE", "ADDRESS", "PORTS", "SIDECAR", "CONFIG"));
    boolean well = proxies.isPresent();
    String unknown = well ? "" : "?";
    for (MeshFolder.Member member : members) {
      String sidecar = sidecar(member);
      MeshFolder.Own own = member.own();
      Optional<ControlPlanePages.Proxy> proxy =
          proxies.orElse(List.of()).stream()
              .filter(one -> one.node().equals(member.name()))
              .findFirst();
      well &= sidecar.equals(LIVE) && proxy.map(ControlPlanePages.Proxy::inSync).orElse(false);
      sidecars.add(fields(member, sidecar, proxy));
      rows.add(
          List.of(
              member.name(),
              proxy.map(ControlPlanePages.Proxy::service).or(own::service).orElse("?"),
              proxy.map(ControlPlanePages.Proxy::address).or(own::address).orElse("?"),
              proxy.map(one -> String.join(",", one.readyPorts())).orElse(unknown),
              sidecar,
              proxy.map(Status::config).orElse(proxies.isEmpty() ? "?" : "not connected")));
    }
    List<String> lines = new ArrayList<>(Table.lines(rows));
    Map<String, String> services =
        proxies.orElse(List.of()).stream()
            .collect(
                Collectors.toMap(
                    ControlPlanePages.Proxy::address,
                    ControlPlanePages.Proxy::service,
                    (one, other) -> one));
    if (output == Output.TABLE) {
      members.forEach(member -> lines.addAll(plainCallers(member, services)));
    }
    Optional<String> errors = first(members, "/findings", page -> errors(page, folders.config()));
    well &= errors.isEmpty();
    output.print(fields(well, proxies, sidecars), lines, out);
    errors.ifPresent(line -> err.println("weir status: " + line));
    return well ? Program.OK : Program.FAILED;
  }

  /** For programs, in the words that they have of a cluster. */
  private static Map<String, Object> fields(
      boolean well,
      Optional<List<ControlPlanePages.Proxy>> proxies,
      List<Map<String, Object>> sidecars) {
    Map<String, Object> controlPlane = new LinkedHashMap<>();
    controlPlane.put("answers", proxies.isPresent());
    controlPlane.put("proxies", proxies.map(List::size).orElse(0));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("well", well);
    fields.put("controlPlanes", List.of(controlPlane));
    fields.put("sidecars", sidecars);
    return fields;
  }

  private static Map<String, Object> fields(
      MeshFolder.Member member, String sidecar, Optional<ControlPlanePages.Proxy> proxy) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("node", member.name());
    fields.put("ready", sidecar.equals(LIVE));
    fields.put("connected", proxy.isPresent());
    fields.put("inSync", false);
    member.own().service().ifPresent(service -> fields.put("service", service));
    member.own().address().ifPresent(address -> fields.put("address", address));
    proxy.ifPresent(one -> fields.putAll(one.fields()));
    return fields;
  }

  /** What is not in force as it stands in the folder, or wherever the control plane reads. */
  static Optional<String> errors(String findings, Path config) throws IOException {
    List<String> files = ControlPlanePages.errors(findings);
    String count = files.size() + (files.size() == 1 ? " error" : " errors");
    if (files.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        files.stream().allMatch(file -> Path.of(file).startsWith(config))
            ? count + " in " + config + "; ./weir check " + config + " says which"
            : count + " in what the control plane reads; its page /findings says which");
  }

  private interface Reader<T> {
    Optional<T> read(String page) throws IOException;
  }

  /** What a page of the control plane's says: one that starts cannot ask yet, another may. */
  private static <T> Optional<T> first(
      List<MeshFolder.Member> members, String path, Reader<T> reader) {
    for (MeshFolder.Member member : members) {
      try {
        return reader.read(member.controlPlane(path));
      } catch (IOException e) {
        if (e instanceof SocketTimeoutException) {
          return Optional.empty(); // all of them ask the same one
        } // else it starts, or ends
      }
    }
    return Optional.empty();
  }

  private static String sidecar(MeshFolder.Member member) {
    try {
      member.admin("/ready");
      return LIVE;
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
