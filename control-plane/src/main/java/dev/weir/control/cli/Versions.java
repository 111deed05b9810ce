package dev.weir.control.cli;

import dev.weir.cli.Options;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Table;
import dev.weir.cli.Version;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.WeirPod;
import dev.weir.control.source.kubernetes.KubernetesClients;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code weir version}: of this program, and of what runs in a cluster. */
public final class Versions {
  private static final Version CLIENT = new Version("weir", Versions.class);
  private static final int MOST_NAMED = 5;

  private Versions() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program()
        .run(
            words,
            out,
            err,
            values -> {
              Output output = Output.of(values);
              boolean cluster =
                  ClusterOptions.given(values)
                      || KubernetesClients.isKnown(System.getenv())
                      || KubernetesClients.missing(System.getenv()).isPresent();
              if (values.given("client") || !cluster) {
                show(new Running(List.of(), List.of()), output, out);
                return Program.OK;
              }
              Running running;
              try {
                running = ClusterOptions.ask(values, Versions::running);
              } catch (IOException e) {
                show(new Running(List.of(), List.of()), output, out);
                throw e;
              }
              show(running, output, out);
              return Program.OK;
            });
  }

  static Program program() {
    return new Program(
        "weir version",
        "Shows the version of this program and, where a cluster is known, of the control planes and"
            + " sidecars that run in it.",
        CLIENT,
        ClusterOptions.and(Options.flag("client", "Of this program alone."), Output.option()),
        List.of(),
        List.of("done", "the cluster cannot be asked", "wrong usage"));
  }

  record Running(List<WeirPod> controlPlanes, List<WeirPod> sidecars) {}

  static Running running(Cluster cluster) {
    return new Running(
        WeirPod.controlPlanes(cluster.client()),
        WeirPod.sidecars(cluster.client(), cluster.saidNamespace()));
  }

  private static void show(Running running, Output output, PrintStream out) {
    output.print(fields(running), lines(running), out);
  }

  static List<String> lines(Running running) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("weir", CLIENT.number(), "this program"));
    byVersion(running.controlPlanes())
        .forEach((version, pods) -> rows.add(List.of("control plane", version, named(pods))));
    byVersion(running.sidecars())
        .forEach((version, pods) -> rows.add(List.of("sidecar", version, named(pods))));
    return Table.lines(rows);
  }

  private static SortedMap<String, List<String>> byVersion(List<WeirPod> pods) {
    SortedMap<String, List<String>> versions = new TreeMap<>();
    pods.forEach(pod ->
        versions
            .computeIfAbsent(pod.version(), key -> new ArrayList<>())
            .add(pod.name().toString()));
    return versions;
  }

  private static String named(List<String> pods) {
    String some = String.join(", ", pods.subList(0, Math.min(pods.size(), MOST_NAMED)));
    return pods.size() + ": " + some + (pods.size() > MOST_NAMED ? ", ..." : "");
  }

  static Map<String, Object> fields(Running running) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("client", CLIENT.number());
    fields.put("controlPlanes", byVersion(running.controlPlanes()));
    fields.put("sidecars", byVersion(running.sidecars()));
    return fields;
  }
}
