package dev.weir.sidecar.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of variables, as compose has them. */
class EnvFileTest {
  private static final Map<String, String> AROUND = Map.of("HOME", "/home/me", "EMPTY", "");

  private static EnvFile.Read read(String text) {
    return EnvFile.read("app.env", text, AROUND::get);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A=1 | 1",
        "A = 1 | 1",
        "export A=1 | 1",
        "A= | ``",
        "A=a=b | a=b",
        "A=a b  # comment | a b",
        "A=a#b | a#b",
        "A='a $HOME #\\n' # c | a $HOME #\\n",
        "A='it\\'s' | it's",
        "A=\"a \\\"b\\\" $HOME\" | a \"b\" /home/me",
        "A=\"\\$HOME\" | $HOME",
        "A=$HOME/x | /home/me/x",
        "A=${HOME}x | /home/mex",
        "A=$$HOME | $HOME",
        "A=${NONE} | ``",
        "A=${NONE:-b} | b",
        "A=${EMPTY:-b} | b",
        "A=${EMPTY-b} | ``",
        "A=${HOME:+b} | b",
        "A=${HOME:?not set} | /home/me",
        "HOME | /home/me",
      })
  void aLineIsAVariable(String line, String value) {
    EnvFile.Read read = read(line + "\r\n");

    assertEquals(List.of(), read.problems());
    assertEquals(value, read.variables().values().iterator().next());
  }

  @Test
  void aValueUsesThoseBeforeItAndGoesOverLinesInQuotes() {
    EnvFile.Read read =
        read(
            """
            # comment

            A=1
            B="${A}2
            3\\t4"
            C='$A
            5'
            """);

    assertEquals(List.of(), read.problems());
    assertEquals(Map.of("A", "1", "B", "12\n3\t4", "C", "$A\n5"), read.variables());
  }

  @Test
  void eachBrokenLineIsNamed() {
    EnvFile.Read read =
        read(
            """
            A='1
            2'
            1B=2
            NONE
            C=${NONE:?say where}
            D="a" b
            E=${a b}
            F="open
            G=7
            """);

    assertEquals(
        List.of(
            "app.env:3: \"1B\" is not a variable's name; write the line as KEY=VALUE",
            "app.env:4: NONE has no value: it is not set here; write NONE=VALUE",
            "app.env:5: C: NONE is not set: say where",
            "app.env:6: D: after the value in quotes comes \"b\"; take it into them",
            "app.env:7: E: ${a b} is not a variable; write ${NAME}, or $$ for a dollar",
            "app.env:8: F: the value begins with \" and does not end with one"),
        read.problems());
    assertEquals(Map.of("A", "1\n2", "G", "7"), read.variables());
  }
}
