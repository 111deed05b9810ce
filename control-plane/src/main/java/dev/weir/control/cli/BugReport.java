package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.model.ObjectName;
import dev.weir.control.report.Archive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** {@code weir bug-report [POD]}: an archive of what a mesh says of itself. */
public final class BugReport {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'weir-bug-report-'yyyyMMdd'T'HHmmss'Z'")
          .withZone(ZoneOffset.UTC);

  private BugReport() {}

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
              Instant now = Instant.now();
              String name = NAME.format(now);
              Path file = values.path("file").orElse(Path.of(name + ".tar.gz"));
              if (Files.exists(file)) {
                throw new WrongUsage("--file: " + file + " is there already");
              }
              Optional<String> pod = values.operandIfGiven(0);
              return ClusterOptions.ask(
                  values,
                  cluster ->
                      write(
                          cluster,
                          pod.map(word -> ClusterOptions.name(word, cluster)),
                          file,
                          name,
                          now,
                          out));
            });
  }

  static Program program() {
    return new Program(
        "weir bug-report",
        "Writes a tar.gz with versions, status, the pages and logs of control planes, Weir's"
            + " resources, routes and Services and, of a pod, its sidecar's configuration, statistics"
            + " and log. Private keys, tokens and Secrets are not in it; look at it before you send"
            + " it on.",
        new Version("weir", BugReport.class),
        ClusterOptions.and(
            Option.builder()
                .longOpt("file")
                .argName("FILE")
                .hasArg()
                .desc("Where to (default: weir-bug-report-TIME.tar.gz, here).")
                .get()),
        List.of(new Operand("[POD]", "A pod with a sidecar, by its name or NAMESPACE/NAME.")),
        List.of("written", "it could not be", "wrong usage"));
  }

  private static int write(
      Cluster cluster,
      Optional<ObjectName> pod,
      Path file,
      String name,
      Instant now,
      PrintStream out)
      throws IOException {
    if (pod.isPresent()) {
      Config.needSidecar(cluster, pod.get());
    }
    boolean whole = false;
    try {
      try (OutputStream bytes = create(file);
          Archive archive = new Archive(bytes, name, now);
          ForwardedPages pages = new ForwardedPages(cluster.client())) {
        new BugFacts(cluster, pages, archive, Clock.systemUTC()).collect(pod);
      }
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
    out.println(
        file + ": " + (Files.size(file) + 1023) / 1024 + " KiB; look at it before you send it on");
    return Program.OK;
  }

  /** For its owner's eyes. */
  private static OutputStream create(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.newOutputStream(file, StandardOpenOption.WRITE);
  }
}
