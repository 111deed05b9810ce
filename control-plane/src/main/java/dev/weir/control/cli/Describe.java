package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Output;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.PlainTextPages;
import dev.weir.control.describe.Description;
import dev.weir.control.describe.DescriptionReport;
import dev.weir.control.describe.Instances;
import dev.weir.control.describe.PlainText;
import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import dev.weir.control.model.Service;
import dev.weir.control.source.file.FolderSource;
import dev.weir.control.source.kubernetes.ClusterReading;
import dev.weir.control.status.PlainCallers;
import dev.weir.control.workload.Pods;
import dev.weir.protos.Nearest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code weir describe SERVICE}: every policy that holds for it, from where, and who enforces it.
 */
public final class Describe {
  private Describe() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> describe(values, out));
  }

  static Program program() {
    return new Program(
        "weir describe",
        "Shows what holds for calls to a service: each section of each policy, from which resource,"
            + " and who enforces it; its routes and instances.",
        new Version("weir", Describe.class),
        ClusterOptions.and(
            Options.optional("config", "DIR", "Of a folder of policies, and not of a cluster."),
            Output.option()),
        List.of(new Operand("SERVICE", "The service, by its name or NAMESPACE/NAME.")),
        List.of("done", "there is no such service, or it could not be done", "wrong usage"));
  }

  private static int describe(Values values, PrintStream out) throws WrongUsage, IOException {
    Output output = Output.of(values);
    String word = values.operand(0);
    Clock clock = Clock.system(ZoneId.systemDefault());
    Optional<Path> folder = values.path("config");
    if (folder.isPresent()) {
      if (ClusterOptions.elsewhere(values)) {
        throw new WrongUsage("--config: a folder is no cluster; leave out one of them");
      }
      if (!Files.isDirectory(folder.get())) {
        throw new WrongUsage("--config: " + folder.get() + " is not a folder");
      }
      Linked linked =
          new Sources(List.of(new FolderSource(folder.get().normalize(), clock)), clock.getZone())
              .scan();
      Service service =
          named(word, ClusterOptions.namespace(values), linked, folder.get().toString());
      return print(Description.of(linked, service, Instances.named(linked.model())), output, out);
    }
    return ClusterOptions.ask(
        values,
        cluster -> {
          ClusterReading reading = ClusterReading.of(cluster.client(), clock, List.of());
          Linked linked = new Sources(List.of(reading.source()), clock.getZone()).scan();
          ObjectName name = ClusterOptions.name(word, cluster);
          Service service = named(name.toString(), Optional.empty(), linked, cluster.describe());
          Description description =
              Description.of(linked, service, Instances.running(reading.pods(), reading.slices()));
          return print(
              description.takesBoth()
                  ? description.with(plainText(description, reading, cluster))
                  : description,
              output,
              out);
        });
  }

  /** What is known of pods that have no sidecar, and what the service's own sidecars have seen. */
  private static PlainText plainText(
      Description description, ClusterReading reading, Cluster cluster) {
    Pods pods = new Pods(Pods.Changes.NONE, false);
    reading.pods().forEach(pods::put);
    reading.slices().forEach(pods::put);
    Map<String, String> names = new HashMap<>();
    reading
        .pods()
        .forEach(
            pod -> pod.address().ifPresent(address -> names.put(address, pod.name().toString())));
    List<ObjectName> asked =
        reading.pods().stream()
            .filter(Pod::meshed)
            .map(Pod::name)
            .filter(name ->
                description.instances().stream()
                    .anyMatch(one -> one.name().equals(name.toString())))
            .toList();
    try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
      return PlainTextPages.ask(
          asked,
          PlainCallers.of(pods.bare(), pods.namespaces(), pods.apart())
              .callersOf(description.service().name()),
          names,
          pages);
    }
  }

  private static int print(Description description, Output output, PrintStream out) {
    output.print(DescriptionReport.fields(description), DescriptionReport.lines(description), out);
    return Program.OK;
  }

  /** A name alone is enough where no other namespace has it. */
  private static Service named(String word, Optional<String> namespace, Linked linked, String where)
      throws IOException {
    String wanted = word.contains("/") ? word : namespace.map(one -> one + "/" + word).orElse(word);
    List<Service> found =
        linked.model().services().values().stream()
            .filter(service ->
                wanted.contains("/")
                    ? service.name().toString().equals(wanted)
                    : service.name().name().equals(wanted))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.size() > 1) {
      throw new IOException(
          "there are several services of that name in "
              + where
              + ": "
              + found.stream()
                  .map(service -> service.name().toString())
                  .collect(Collectors.joining(", ")));
    }
    String name = wanted.substring(wanted.indexOf('/') + 1);
    List<String> same =
        linked.model().services().keySet().stream()
            .filter(one -> one.name().equals(name))
            .map(ObjectName::toString)
            .toList();
    List<String> all =
        linked.model().services().keySet().stream().map(ObjectName::toString).toList();
    throw new IOException(
        "there is no service "
            + wanted
            + " in "
            + where
            + (same.isEmpty()
                ? Nearest.hint(
                    wanted,
                    wanted.contains("/")
                        ? all
                        : linked.model().services().keySet().stream()
                            .map(ObjectName::name)
                            .toList())
                : "; there is " + String.join(", ", same)));
  }
}
