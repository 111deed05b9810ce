package dev.weir.testkit;

import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Tables: a folder of {@code src/test/resources}, each file a case of its name. */
public final class Cases {
  private Cases() {}

  /**
   * @param check is given a file's text, and what it holds
   */
  public static Stream<DynamicTest> of(String folder, BiConsumer<String, Mapping> check) {
    Path path = Path.of("src/test/resources", folder);
    List<Path> files;
    try (Stream<Path> all = Files.list(path)) {
      files = all.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (files.isEmpty()) {
      throw new AssertionError(path + " holds no case");
    }
    return files.stream()
        .map(file ->
            DynamicTest.dynamicTest(
                file.getFileName().toString().replace(".yaml", ""), () -> run(file, check)));
  }

  private static void run(Path file, BiConsumer<String, Mapping> check) throws IOException {
    String text = Files.readString(file);
    YamlFile yaml = YamlReader.read(file.toString(), text);
    if (!yaml.problems().isEmpty()) {
      throw new AssertionError(yaml.problems().toString());
    }
    check.accept(text, (Mapping) yaml.documents().getFirst());
  }

  public static List<YamlNode> items(Mapping of, String field) {
    return ((YamlNode.Sequence) of.get(field).orElseThrow()).items();
  }

  public static String text(Mapping of, String field, String otherwise) {
    return of.get(field).map(node -> ((YamlNode.Scalar) node).text()).orElse(otherwise);
  }
}
