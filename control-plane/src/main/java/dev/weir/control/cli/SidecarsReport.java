package dev.weir.control.cli;

import dev.weir.cli.WrongUsage;
import dev.weir.cli.mesh.MemberMessages;
import dev.weir.cli.mesh.MeshFolder;
import dev.weir.control.report.AddressAdmin;
import dev.weir.control.report.Archive;
import dev.weir.control.report.SidecarAdmin;
import dev.weir.control.report.SidecarFacts;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sidecars on this machine, or at an address, in a report. */
final class SidecarsReport {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration READY = Duration.ofSeconds(5);
  private static final int LOG_LINES = 10_000;

  /** Of the members of a mesh; each has a recording. */
  private static final int MOST = 16;

  /** Lines that a sidecar has said. */
  private interface Messages {
    List<String> lines() throws IOException;
  }

  /** One of them. */
  record Told(String name, SidecarAdmin admin, Messages messages) {}

  private SidecarsReport() {}

  static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT)
        .build();
  }

  /**
   * That at an address.
   *
   * @throws IOException nobody answers there
   */
  static List<Told> at(HttpClient http, String authority) throws IOException {
    SidecarAdmin admin = new AddressAdmin(http, authority, authority);
    try {
      byte[] _ = admin.ask("GET", "/server_info", READY);
    } catch (IOException e) {
      throw new IOException(
          "there are no admin pages of a sidecar at %s: %s"
              .formatted(authority, e.getMessage() == null ? e : e.getMessage()),
          e);
    }
    Messages elsewhere =
        () -> {
          throw new IOException("what it said is where it was begun");
        };
    return List.of(new Told(authority.replace(':', '-'), admin, elsewhere));
  }

  /**
   * Members of a folder's mesh.
   *
   * @param only of this service or instance; empty: all
   */
  static List<Told> of(Path config, Optional<String> only) throws WrongUsage, IOException {
    if (!Files.isDirectory(config)) {
      throw new WrongUsage("--config: " + config + " is not a folder");
    }
    Path real = config.toRealPath();
    Optional<String> runtime = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
    List<MeshFolder.Member> members =
        MeshFolder.of(real, runtime).members().stream()
            .filter(member ->
                only.isEmpty() || member.name().matches(Pattern.quote(only.get()) + "(-[0-9]+)?"))
            .toList();
    if (members.isEmpty()) {
      throw new IOException(
          "no %s runs in the mesh of %s"
              .formatted(only.map(name -> "instance of " + name).orElse("member"), real));
    }
    if (members.size() > MOST) {
      throw new IOException(
          "%d members are more than %d, which a report has; name one of them"
              .formatted(members.size(), MOST));
    }
    return members.stream()
        .map(member ->
            new Told(
                member.name(),
                member::admin,
                () -> MemberMessages.of(MeshFolder.base(runtime), real, member.name(), LOG_LINES)))
        .toList();
  }

  /** All of them; their recordings run at the same time. */
  static void write(List<Told> sidecars, Archive archive, Optional<Duration> recording)
      throws IOException {
    SidecarFacts facts = new SidecarFacts(archive, recording);
    List<Optional<SidecarFacts.Recording>> begun = new ArrayList<>();
    sidecars.forEach(sidecar -> begun.add(facts.begin(sidecar.admin())));
    for (int i = 0; i < sidecars.size(); i++) {
      Told sidecar = sidecars.get(i);
      String place = "sidecar/" + sidecar.name() + "/";
      try {
        archive.add(
            place + "weir-sidecar.log", String.join("\n", sidecar.messages().lines()) + "\n");
      } catch (IOException e) {
        archive.miss(place + "weir-sidecar.log", String.valueOf(e.getMessage()));
      }
      facts.collect(place, sidecar.admin(), begun.get(i));
    }
  }
}
