package dev.weir.sidecar.member;

import dev.weir.sidecar.egress.Egress;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A member's sidecar. */
final class SidecarProcess implements Running {
  private static final URI READY = URI.create("http://127.0.0.1:15000/ready");
  private static final int TIMEOUT_MILLIS = 2000;
  private static final int DRAIN_SECONDS = 5;

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
            "--drain-time=" + DRAIN_SECONDS));
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

  /** Whether it has the configuration that it needs to serve. */
  boolean ready() {
    try {
      HttpURLConnection connection = (HttpURLConnection) READY.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      int status = connection.getResponseCode();
      connection.disconnect();
      return status == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false; // it does not listen yet
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
