package dev.weir.sidecar.run;

import dev.weir.cli.Operand;
import dev.weir.cli.Program;
import dev.weir.cli.Version;
import dev.weir.sidecar.relay.Relay;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The program that listens at a member's published ports, in the network of whoever started the
 * member; the member has a Unix socket for each.
 */
public final class Publish {
  private Publish() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  private static Program program() {
    return new Program(
        "weir publish",
        "Listens at a member's published ports, for weir run.",
        new Version("weir publish", Publish.class),
        List.of(),
        List.of(
            new Operand("DIR", "The member's folder."),
            new Operand("FILE", "Made when it listens.")),
        List.of(),
        Optional.of(new Operand("PORT...", "[IP:]PORT[:APP_PORT], each.")));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program()
        .run(
            words,
            out,
            err,
            values -> {
              Path member = Path.of(values.operand(0));
              for (String port : values.command()) {
                publish(PublishedPort.parse(port), member);
              }
              Files.createFile(Path.of(values.operand(1)));
              new CountDownLatch(1).await(); // it ends with the member
              return Program.OK;
            });
  }

  private static void publish(PublishedPort port, Path member) throws IOException {
    UnixDomainSocketAddress door = UnixDomainSocketAddress.of(member.resolve("port-" + port.app()));
    try {
      Relay _ = Relay.start(port.listen(), () -> SocketChannel.open(door));
    } catch (BindException e) {
      throw taken(port, e);
    }
  }

  /** Whether it can be listened at; nobody does when this returns. */
  static void check(PublishedPort port) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(port.listen());
    } catch (BindException e) {
      throw taken(port, e);
    }
  }

  private static IOException taken(PublishedPort port, BindException e) {
    return new IOException(
        "--publish "
            + port
            + " cannot be listened at: "
            + e.getMessage()
            + "; choose another port, as --publish "
            + (port.listen().getPort() < 50000 ? port.listen().getPort() + 10000 : 18080)
            + ":"
            + port.app());
  }
}
