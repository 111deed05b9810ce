package dev.weir.sidecar.intercept;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs {@code nft} in a network namespace and says in a line why it would not. */
final class Nft {
  private static final String NOT_PERMITTED =
      "no permission to change this network namespace; run it as root (sudo ./weir intercept ...),"
          + " or in a namespace of your own (unshare -Urn ./weir intercept ...)";

  /** For a whole script, which takes it some milliseconds. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final int KILLED = 137;

  private final String program;
  private final Optional<Path> namespace;
  private final Duration timeout;

  /**
   * @param program the command, or where it lies
   * @param namespace of another network namespace; empty: this process's
   */
  Nft(String program, Optional<Path> namespace) {
    this(program, namespace, TIMEOUT);
  }

  Nft(String program, Optional<Path> namespace, Duration timeout) {
    this.program = program;
    this.namespace = namespace;
    this.timeout = timeout;
  }

  /** Puts a whole script in force, or nothing of it; answers what is wrong. */
  Optional<String> apply(String script) throws IOException, InterruptedException {
    if (namespace.isPresent() && !Files.exists(namespace.get())) {
      return Optional.of(
          namespace.get()
              + ": no such network namespace; name a process id, or a path as in"
              + " /run/netns (ip netns list)");
    }
    Process nft;
    try {
      nft = new ProcessBuilder(command("-f", "-")).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Optional.of(missing(namespace.isPresent() ? "nsenter" : "nft"));
    }
    var _ =
        nft.onExit()
            .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((_, late) -> {
              if (late != null) {
                nft.destroyForcibly();
              }
            });
    String output;
    try (OutputStream in = nft.getOutputStream()) {
      in.write(script.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it had read all; why, it says itself.
    }
    output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int status = nft.waitFor();
    return status == 0 ? Optional.empty() : Optional.of(explain(status, output));
  }

  /**
   * What it says of something.
   *
   * @throws IOException if it says that there is no such thing
   */
  String list(String what) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(command("list"));
    command.addAll(List.of(what.split(" ")));
    Process nft = new ProcessBuilder(command).redirectErrorStream(true).start();
    nft.getOutputStream().close();
    String output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (nft.waitFor() != 0) {
      throw new IOException("nft list " + what + ": " + output.strip());
    }
    return output;
  }

  private List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    namespace.ifPresent(path -> command.addAll(List.of("nsenter", "--net=" + path, "--")));
    command.add(program);
    command.addAll(List.of(words));
    return command;
  }

  private String explain(int status, String output) {
    if (status == KILLED) {
      return "nft was killed: it had not written the rules after "
          + timeout.toMillis()
          + " ms, or there is no memory left";
    }
    if (output.contains("Operation not permitted") || output.contains("Permission denied")) {
      return NOT_PERMITTED;
    }
    if (output.contains("No such file or directory") && output.contains("failed to execute")) {
      return missing("nft");
    }
    return "nft refused the rules (status " + status + "): " + output;
  }

  private static String missing(String program) {
    String ofDebian = program.equals("nft") ? "nftables" : "util-linux";
    return program + " is not installed; install it (Debian: apt-get install " + ofDebian + ")";
  }
}
