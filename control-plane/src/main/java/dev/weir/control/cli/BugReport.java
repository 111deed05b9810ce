package dev.weir.control.cli;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.model.ObjectName;
import dev.weir.control.report.Archive;
import dev.weir.control.report.SidecarFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** {@code weir bug-report [SIDECAR]}: an archive of what a mesh, or a sidecar, says of itself. */
public final class BugReport {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'weir-bug-report-'yyyyMMdd'T'HHmmss'Z'")
          .withZone(ZoneOffset.UTC);

  private static final int SECONDS = 30;
  private static final int MOST_SECONDS = 300;

  /** A name with a port: pods have none. */
  private static final String ADDRESS = "(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}";

  private static final String README =
      """
      Files NAME.txt are the pages /NAME of a sidecar's or a control plane's admin, NAME.log what a program said.
      recording.jfr is read by JDK Mission Control and by the JDK's jfr (jfr summary recording.jfr).
      missing.txt, if it is here, names what could not be had, and why.

      Left out: private keys, tokens, Secrets, passwords, values of headers, of cookies and of queries; of the process its
      arguments, variables and system properties. Names are in it: of services, hosts, paths and policies.
      """;

  private BugReport() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> report(values, out, err));
  }

  static Program program() {
    return new Program(
        "weir bug-report",
        "Writes a tar.gz. Of a sidecar: its configuration, statistics, threads, what lives on its"
            + " heap, requests that failed, its log, and a flight recording of half a minute. Of a"
            + " cluster also: versions, status, the pages and logs of control planes, Weir's"
            + " resources, routes and Services. Private keys, tokens, Secrets and values of headers"
            + " are not in it; look at it before you send it on.",
        new Version("weir", BugReport.class),
        ClusterOptions.and(
            Options.optional(
                "config", "DIR", "Of the mesh of a folder on this machine, and not of a cluster."),
            Options.optional(
                "file", "FILE", "Where to (default: weir-bug-report-TIME.tar.gz, here)."),
            Options.optional(
                "seconds", "N", "How long the recording is, 1 to 300 (default: " + SECONDS + ")."),
            Options.flag("no-recording", "Without a recording.")),
        List.of(
            new Operand(
                "[SIDECAR]",
                "A member of the folder's mesh, by its service or as inventory-1 (default: all); of"
                    + " a cluster a pod, by its name or NAMESPACE/NAME; or ADDRESS:PORT, where a"
                    + " sidecar's admin pages are.")),
        List.of("written", "it could not be", "wrong usage"));
  }

  private static int report(Values values, PrintStream out, PrintStream err)
      throws WrongUsage, IOException {
    Instant now = Instant.now();
    String name = NAME.format(now);
    Path file = values.path("file").orElse(Path.of(name + ".tar.gz"));
    if (Files.exists(file)) {
      throw new WrongUsage("--file: " + file + " is there already");
    }
    Optional<Duration> recording = recording(values);
    Report report = new Report(file, name, now, recording, out, err);
    Optional<String> whose = values.operandIfGiven(0);
    Optional<Path> folder = values.path("config");
    if (whose.isPresent() && whose.get().matches(ADDRESS)) {
      try (HttpClient http = SidecarsReport.client()) {
        List<SidecarsReport.Told> told = SidecarsReport.at(http, whose.get());
        return report.write(archive -> SidecarsReport.write(told, archive, recording));
      }
    }
    if (folder.isPresent()) {
      if (ClusterOptions.given(values)) {
        throw new WrongUsage("--config: a folder is no cluster; leave out one of them");
      }
      List<SidecarsReport.Told> told = SidecarsReport.of(folder.get(), whose);
      return report.write(archive -> SidecarsReport.write(told, archive, recording));
    }
    return ClusterOptions.ask(
        values,
        cluster -> {
          Optional<ObjectName> pod = whose.map(word -> ClusterOptions.name(word, cluster));
          if (pod.isPresent()) {
            Config.needSidecar(cluster, pod.get());
          }
          return report.write(archive -> {
            try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
              SidecarFacts sidecar = new SidecarFacts(archive, recording);
              new BugFacts(cluster, pages, archive, sidecar, Clock.systemUTC()).collect(pod);
            }
          });
        });
  }

  private static Optional<Duration> recording(Values values) throws WrongUsage {
    if (values.given("no-recording")) {
      return Optional.empty();
    }
    int seconds = values.integer("seconds").orElse(SECONDS);
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw new WrongUsage("--seconds: " + seconds + " is not 1 to " + MOST_SECONDS);
    }
    return Optional.of(Duration.ofSeconds(seconds));
  }

  /** What goes into it. */
  private interface Content {
    void into(Archive archive) throws IOException;
  }

  private record Report(
      Path file,
      String name,
      Instant now,
      Optional<Duration> recording,
      PrintStream out,
      PrintStream err) {
    int write(Content content) throws IOException {
      boolean whole = false;
      try {
        try (OutputStream bytes = create(file);
            Archive archive = new Archive(bytes, name, now)) {
          recording.ifPresent(this::tellThatItTakesTime);
          archive.add("README.txt", "A report of Weir, made at " + now + ".\n\n" + README);
          content.into(archive);
        }
        whole = true;
      } finally {
        if (!whole) {
          Files.deleteIfExists(file);
        }
      }
      out.println(
          file
              + ": "
              + (Files.size(file) + 1023) / 1024
              + " KiB; look at it before you send it on");
      return Program.OK;
    }

    private void tellThatItTakesTime(Duration time) {
      err.println(
          "weir bug-report: recording for "
              + time.toSeconds()
              + " s; --seconds says how long, --no-recording leaves it out");
    }
  }

  /** For its owner's eyes. */
  private static OutputStream create(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.newOutputStream(file, StandardOpenOption.WRITE);
  }
}
