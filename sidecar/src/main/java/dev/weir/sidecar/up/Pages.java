package dev.weir.sidecar.up;

import dev.weir.cli.Operand;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.SidecarParts;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.mesh.MeshFolder;
import dev.weir.protos.Nearest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** {@code weir config}: what a service's sidecars have in force. */
final class Pages {
  private static final int MOST_CHARACTERS = 64 << 20;

  /** What is asked for, and the messages of /config_dump that have it; endpoints have a page. */
  private static final Map<String, String> KINDS =
      Map.of(
          "listeners", "ListenersConfigDump",
          "routes", "RoutesConfigDump",
          "clusters", "ClustersConfigDump",
          "endpoints", "");

  private Pages() {}

  static Program program() {
    return Main.program(
        "config",
        "Shows what the sidecars of a service have in force.",
        List.of(Main.config(), Output.option()),
        List.of(
            new Operand("SERVICE", "The service, or one instance, as inventory-1."),
            new Operand("KIND", "listeners, routes, clusters or endpoints.")));
  }

  static int show(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    String service = values.operand(0);
    String kind = values.operand(1);
    Output output = Output.of(values);
    if (!KINDS.containsKey(kind)) {
      throw new WrongUsage(
          "\""
              + kind
              + "\" is not one of listeners, routes, clusters and endpoints"
              + Nearest.hint(kind, KINDS.keySet()));
    }
    List<MeshFolder.Member> all = folders.mesh().members();
    List<MeshFolder.Member> wanted =
        all.stream()
            .filter(member -> member.name().matches(Pattern.quote(service) + "(-[0-9]+)?"))
            .toList();
    if (wanted.isEmpty()) {
      err.println(
          "weir config: no instance of "
              + service
              + " runs in the mesh of "
              + folders.config()
              + (all.isEmpty()
                  ? "; none at all does"
                  : "; there are: "
                      + String.join(", ", all.stream().map(MeshFolder.Member::name).toList())));
      return Program.FAILED;
    }
    if (output != Output.TABLE) {
      Map<String, Object> parts = new LinkedHashMap<>();
      for (MeshFolder.Member member : wanted) {
        parts.put(
            member.name(),
            kind.equals("endpoints")
                ? SidecarParts.endpoints(member.admin("/clusters"))
                : parts(member, kind));
      }
      output.print(parts, List.of(), out);
      return Program.OK;
    }
    for (MeshFolder.Member member : wanted) {
      out.println("# " + member.name());
      out.print(
          kind.equals("endpoints")
              ? member.admin("/clusters")
              // JSON is YAML, which people read more easily.
              : new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build())
                  .dumpToString(parts(member, kind)));
    }
    return Program.OK;
  }

  private static List<Map<String, Object>> parts(MeshFolder.Member member, String kind)
      throws IOException {
    try {
      Object whole =
          new Load(LoadSettings.builder().setCodePointLimit(MOST_CHARACTERS).build())
              .loadFromString(member.admin("/config_dump"));
      return SidecarParts.ofDump(whole, KINDS.getOrDefault(kind, ""));
    } catch (YamlEngineException e) {
      throw new IOException("/config_dump is not JSON: " + e.getMessage(), e);
    }
  }
}
