package dev.weir.sidecar.member;

import dev.weir.sidecar.egress.Egress;
import dev.weir.sidecar.member.system.Posix;
import dev.weir.sidecar.member.system.Sign;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A member's sidecar. */
final class SidecarProcess implements Running {
  /** Its page of the mesh's services. */
  static final URI SERVICES = URI.create("http://127.0.0.1:15000/services");

  private static final URI READY = URI.create("http://127.0.0.1:15000/ready");
  private static final int TIMEOUT_MILLIS = 2000;

  /** How long what is under way has to end. */
  static final Duration DRAIN = Duration.ofSeconds(5);

  private static final int MOST_SAID = 4000;

  private final Process process;

  private SidecarProcess(Process process) {
    this.process = process;
  }

  /**
   * Ends with the thread that starts it, if it was not told to before.
   *
   * @param java runs a class of the sidecar's jar
   * @param egress what leaves its network
   */
  static SidecarProcess start(
      List<String> java, Path bootstrap, Path lastGood, Optional<Egress> egress)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("setsid", "setpriv", "--pdeathsig", "KILL", "--"));
    command.addAll(java);
    command.addAll(
        List.of(
            "dev.weir.sidecar.Main",
            "--config=" + bootstrap,
            "--last-good=" + lastGood,
            "--drain-time=" + DRAIN.toSeconds()));
    egress.ifPresent(way -> command.add("--egress=" + way));
    return new SidecarProcess(
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .start());
  }

  Process process() {
    return process;
  }

  /**
   * What it lacks to serve: empty, nothing. A reason may be empty, and stands as long as it does
   * not know better.
   */
  Optional<String> lacking() {
    try {
      HttpURLConnection connection = (HttpURLConnection) READY.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try {
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK
            ? Optional.empty()
            : Optional.of(reason(connection));
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return Optional.of(""); // it does not listen yet
    }
  }

  /** {@code INITIALIZING: no certificate yet}: behind the state. */
  private static String reason(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      String text =
          in == null ? "" : new String(in.readNBytes(MOST_SAID), StandardCharsets.UTF_8).strip();
      int colon = text.indexOf(": ");
      return colon < 0 ? "" : text.substring(colon + 2);
    }
  }

  @Override
  public boolean running() {
    return process.isAlive();
  }

  @Override
  public void tell(Sign sign) {
    if (running()) {
      Posix.kill((int) process.pid(), sign);
    }
  }
}
