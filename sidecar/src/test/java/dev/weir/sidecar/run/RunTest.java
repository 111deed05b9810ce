package dev.weir.sidecar.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line of {@code weir run}, and what the launcher makes of it. */
class RunTest {
  @TempDir Path folder;

  private Path plan() {
    return folder.resolve("plan");
  }

  /** Status and what is said. */
  private String run(String... options) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words =
        Stream.of(
                Stream.of("--config=" + folder, "--service=shop/cart"),
                Stream.of(options),
                Stream.of("--", "true"))
            .flatMap(part -> part)
            .toArray(String[]::new);
    int status =
        Main.run(
            words,
            System.out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            plan().toString());
    return status + " " + err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void thePlanHasWhatWasSaidAndWhatWasNot() throws IOException {
    assertEquals("0", run().strip());

    assertEquals(
        List.of(
            "config=" + folder,
            "service=shop/cart",
            "isolated=",
            "option=--restart=no",
            "option=--stop-grace=10000ms"),
        List.of(Files.readString(plan()).split("\0")));
  }

  @Test
  void aVariableOfTheCommandLineGoesBeforeThoseOfFilesAndALaterFileBeforeAnEarlier()
      throws IOException {
    Path one = Files.writeString(folder.resolve("one.env"), "A=1\nB=1\nC=1\n");
    Path two = Files.writeString(folder.resolve("two.env"), "B=2\nC=2\n");

    assertEquals("0", run("-e", "C=3,4", "--env-file", one + "", "--env-file", two + "").strip());

    assertEquals(
        List.of("variable=A=1", "variable=B=2", "variable=C=3,4"),
        Stream.of(Files.readString(plan()).split("\0"))
            .filter(item -> item.startsWith("variable="))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--restart=on-failure:x | '--restart': \"on-failure:x\" is not one of no, on-failure,"
            + " on-failure:TIMES and always",
        "--stop-grace=10 | '--stop-grace': \"10\" is not a duration; write it as 10s, 500ms or"
            + " 1h30m",
        "--env=A | '--env': \"A\" is not KEY=VALUE",
        "--control-plane=here:1 | '--control-plane': \"here:1\" is not ADDRESS:PORT",
      })
  void whatIsWrongIsSaidAndThereIsNoPlan(String option, String what) {
    assertEquals(
        "2 weir run: Invalid value for option " + what + "; see weir run --help", run(option));
    assertFalse(Files.exists(plan()));
  }

  @Test
  void aBrokenLineOfAFileOfVariablesIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("app.env"), "A=1\n=2\n");

    assertEquals(
        "2 weir run: "
            + file
            + ":2: \"\" is not a variable's name; write the line as KEY=VALUE; see weir run --help",
        run("--env-file=" + file));
    assertEquals(
        "2 weir run: --env-file: there is no file " + file + "x; see weir run --help",
        run("--env-file=" + file + "x"));
  }
}
