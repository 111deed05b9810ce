package dev.weir.sidecar.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code weir cni} is told. */
class ArgumentsTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private int run(String... words) {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return Main.run(words, out, out);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "--busybox= | \"\" is not a program",
        "--busybox=/tmp | \"/tmp\" is not a program",
        "--daemon-set=x | Invalid value for option '--daemon-set'",
        "--patience=0 | --patience: 0 is not from 1 to 120"
      })
  void wrongOneIsNamed(String word, String why) {
    assertEquals(2, run("--bin=/x", "--conf=/x", "--run=/x", word));
    assertTrue(said().contains(why), this::said);
    assertTrue(said().endsWith("; see weir cni --help\n"), this::said);
  }

  @Test
  void foldersArePathsThatMayStandInAScript() {
    assertEquals(2, run("--bin=/a b", "--conf=/x", "--run=/x"));
    assertTrue(said().contains("\"/a b\" is not an absolute path"), this::said);
  }
}
