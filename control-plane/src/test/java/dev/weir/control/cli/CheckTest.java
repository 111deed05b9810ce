package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Golden;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code check DIR}: what it prints and its exit status. */
class CheckTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();

  @Test
  void examplesHaveNoErrors() {
    int status = check(Golden.REPOSITORY.resolve("examples/shop").toString());
    assertEquals("3 services, 0 routes, 4 policies on targets: no errors\n", out.toString());
    assertEquals(0, status);
  }

  @Test
  void errorsAreStatusOne() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "kind: [");
    assertEquals(1, check(folder.toString()));
    assertTrue(
        out.toString().startsWith(folder.resolve("a.yaml") + ":1: not valid YAML"), out::toString);
  }

  @Test
  void jsonHoldsTheSameFindings() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "- 1");
    assertEquals(1, check("--output", "json", folder.toString()));
    assertEquals(
        """
        [
         {
          "severity": "error",
          "file": "%s",
          "line": 1,
          "resource": "",
          "field": "",
          "message": "expected a resource, not a list"
         }
        ]
        """
            .formatted(folder.resolve("a.yaml")),
        out.toString());
  }

  @Test
  void missingFolderIsWrongUsage() {
    assertEquals(2, check(folder.resolve("none").toString()));
    assertTrue(
        out.toString().startsWith(folder.resolve("none") + " is not a folder"), out::toString);
  }

  private int check(String... arguments) {
    PrintWriter writer = new PrintWriter(out, true);
    return new CommandLine(new Check()).setOut(writer).setErr(writer).execute(arguments);
  }
}
