package dev.weir.sidecar.egress.program;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import dev.weir.sidecar.dns.HostServers;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The program in the outer network. It lives as long as its standard input: that is the end of a
 * pipe whose other end the mesh's holder has.
 */
public final class Main {
  /** A system's resolver asks again, or goes on, after 5 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private Main() {}

  public static void main(String[] words) {
    // Netty would look for a network card's address, and warns where there is none.
    System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:00:00:00");
    System.exit(run(words, System.in, System.out, System.err));
  }

  private static Program program() {
    return new Program(
        "weir egress",
        "Hands out sockets of this network, for weir run.",
        new Version("weir egress", Main.class),
        List.of(),
        List.of(
            new Operand("DOOR", "The Unix socket at which sockets are had."),
            new Operand("NAMES", "The Unix socket at which name servers are asked.")),
        List.of(),
        Optional.empty());
  }

  static int run(String[] words, InputStream in, PrintStream out, PrintStream err) {
    return program()
        .run(
            words,
            out,
            err,
            values -> {
              try (SocketDoor _ = SocketDoor.open(Path.of(values.operand(0)));
                  HostNames _ =
                      HostNames.open(
                          Path.of(values.operand(1)), HostServers::ofThisMachine, PATIENCE)) {
                awaitEnd(in);
              }
              return Program.OK;
            });
  }

  private static void awaitEnd(InputStream in) throws IOException {
    long _ = in.transferTo(java.io.OutputStream.nullOutputStream());
  }
}
