package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program: what it prints, and its status. */
final class MainTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @Test
  void adminPortInUseIsALineWithTheAddressAndTheField() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path bootstrap =
          Files.writeString(
              folder.resolve("bootstrap.yaml"),
              "admin: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}"
                  .formatted(taken.getLocalPort()));
      assertEquals(1, run("-c", bootstrap.toString()));
      assertEquals(
          "weir sidecar: admin: cannot listen on 127.0.0.1:%d: the port is in use; stop what listens there, or change admin.address.socket_address.port_value\n"
              .formatted(taken.getLocalPort()),
          said.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void theExampleIsValidAndAllOfItIsHonoured() {
    assertEquals(0, run("-c", "../examples/bootstrap.yaml", "--mode", "validate"));
    assertEquals("../examples/bootstrap.yaml: OK\n", said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void fileThatCannotBeReadIsWrongUsageAndABrokenOneIsNot() throws IOException {
    assertEquals(2, run("-c", folder.resolve("none.yaml").toString()));
    assertEquals(2, run("-c", folder.toString()));
    assertEquals(1, run("-c", Files.writeString(folder.resolve("b.yaml"), "admin: [").toString()));
  }

  @Test
  void unknownWordIsNamedBeforeAMissingOne() {
    assertEquals(2, run("--confg", "b.yaml"));
    assertEquals(
        "weir sidecar: Unknown options: '--confg', 'b.yaml'; did you mean \"--config\"?;"
            + " see weir sidecar --help\n",
        said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void unknownWordThatIsNearNoOtherIsJustNamed() {
    assertEquals(2, run("--bogus=1"));
    assertEquals(
        "weir sidecar: Unknown option: '--bogus=1'; see weir sidecar --help\n",
        said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void missingWordIsNamed() {
    assertEquals(2, run());
    assertEquals(
        "weir sidecar: Missing required option: '--config=FILE'; see weir sidecar --help\n",
        said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsWrongIsAnObjectWhereMessagesAreJson() throws IOException {
    Path broken = Files.writeString(folder.resolve("b.yaml"), "admin: [");
    assertEquals(1, run("-c", broken.toString(), "--log-format", "json"));
    String line = said.toString(StandardCharsets.UTF_8);
    assertTrue(line.startsWith("{\"time\":\""), line);
    assertTrue(line.contains("\"level\":\"error\",\"component\":\"config\",\"message\":"), line);
    assertTrue(line.endsWith("}\n"), line);
  }

  @Test
  void levelsThatThereAreNotAreWrongUsage() {
    assertEquals(2, run("-c", "b.yaml", "-l", "loud"));
    assertEquals(2, run("-c", "b.yaml", "--component-log-level", "dns:info,nobody:info"));
    assertTrue(said.toString(StandardCharsets.UTF_8).contains("\"nobody\" is no component"));
  }

  private int run(String... arguments) {
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    return Main.run(arguments, stream, stream);
  }
}
