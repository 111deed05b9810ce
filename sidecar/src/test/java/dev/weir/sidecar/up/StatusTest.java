package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.cli.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code weir status} says of a mesh. */
class StatusTest {
  private static final String PROXIES =
      """
      [{"node": "cart-1", "service": "shop/cart", "address": "10.88.0.2", "inSync": true,
        "readyPorts": ["8080"], "types": {}}]
      """;

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Folders folders;
  private MemberPages member;

  @BeforeEach
  void start() throws IOException {
    folders = Folders.of(folder, Optional.of(folder.toString()));
    member = MemberPages.create(folders.mesh(), "cart-1", ProcessHandle.current().pid()).open();
    member.says("/ready", "LIVE").says("/plaintext", "{}");
    Files.writeString(
        member.folder().resolve("bootstrap.yaml"),
        """
        node:
          metadata: {WEIR_SERVICE: "cart", WEIR_NAMESPACE: "shop", WEIR_ADDRESS: "10.88.0.2"}
        """);
  }

  @AfterEach
  void stop() throws IOException {
    member.close();
  }

  private int show() throws IOException {
    return Status.show(
        folders,
        Output.TABLE,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String line() {
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .skip(1)
        .findFirst()
        .orElse("")
        .replaceAll(" +", " ")
        .strip();
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void whatIsWellIsWell() throws IOException {
    member
        .says("/proxies", PROXIES)
        .says("/findings", "[{\"severity\": \"warning\", \"file\": \"x\"}]");

    assertEquals(0, show());
    assertEquals("cart-1 shop/cart 10.88.0.2 8080 live in sync", line());
    assertEquals("", said());
  }

  @Test
  void aFileThatIsNotInForceIsNotWell() throws IOException {
    String file = folders.config().resolve("cart.yaml").toString();
    member
        .says("/proxies", PROXIES)
        .says("/findings", "[{\"severity\": \"error\", \"file\": \"" + file + "\"}]");

    assertEquals(1, show());
    assertEquals("cart-1 shop/cart 10.88.0.2 8080 live in sync", line());
    assertEquals(
        "weir status: 1 error in %1$s; ./weir check %1$s says which".formatted(folders.config()),
        said());
  }

  @Test
  void errorsOfWhatIsReadElsewhereAreNotLookedForInTheFolder() throws IOException {
    member
        .says("/proxies", PROXIES)
        .says(
            "/findings",
            """
            [{"severity": "error", "file": "Service shop/cart"},
             {"severity": "error", "file": "/elsewhere/cart.yaml"}]
            """);

    assertEquals(1, show());
    assertEquals(
        "weir status: 2 errors in what the control plane reads; its page /findings says which",
        said());
  }

  @Test
  void whatIsKnownHereIsSaidWhileTheControlPlaneIsAway() throws IOException {
    assertEquals(1, show());
    assertEquals("cart-1 shop/cart 10.88.0.2 ? live ?", line());
    assertEquals("weir status: the control plane does not answer", said());
  }
}
