package dev.weir.control.source.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is said about a file. Each {@code findings/<case>.yaml} says in comments at its end, {@code
 * # 9: message}, what is found on which line, in order; a case without comments is right.
 */
class FindingsTest {
  @TempDir Path folder;

  static Stream<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/findings"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fileHasTheFindingsItNames(Path file) throws IOException {
    String text = Files.readString(file);
    Path copy = Files.writeString(folder.resolve("a.yaml"), text);
    List<String> found = new ArrayList<>();
    Folders.scan(folder)
        .findings()
        .forEach(finding ->
            found.add(
                finding
                    .toString()
                    .substring((copy + ":").length())
                    .replace(copy.toString(), "FILE")));
    List<String> expected =
        text.lines().filter(line -> line.startsWith("# ")).map(line -> line.substring(2)).toList();
    assertEquals(String.join("\n", expected), String.join("\n", found));
  }
}
