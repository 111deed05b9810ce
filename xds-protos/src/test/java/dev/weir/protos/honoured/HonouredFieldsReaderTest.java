package dev.weir.protos.honoured;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.protos.honoured.HonouredFields.Fields;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HonouredFieldsReaderTest {
  private static final Path FILE =
      Path.of("src/main/resources/dev/weir/protos/honoured/honoured-fields.yaml");

  @Test
  void readsTheFileAsYamlDoes() throws IOException {
    String text = Files.readString(FILE);
    Map<String, Fields> expected = byYaml(text);

    Map<String, Fields> read = HonouredFieldsReader.read("list", text);

    assertEquals(expected, read);
    assertEquals(ordered(expected), ordered(read));
  }

  @Test
  void readsEachForm() {
    String text =
        """
        # A comment.

        a.B: {}
        a.C:
          honoured: [x, y]
          accepted:
            z: Nothing reads it; that's all.
            v: "Of two: the first."
        a.D:
          honoured:
          - x
        """;
    assertEquals(
        Map.of(
            "a.B",
            new Fields(Set.of(), Map.of()),
            "a.C",
            new Fields(
                Set.of("x", "y"),
                Map.of("z", "Nothing reads it; that's all.", "v", "Of two: the first.")),
            "a.D",
            new Fields(Set.of("x"), Map.of())),
        HonouredFieldsReader.read("list", text));
    assertEquals(byYaml(text), HonouredFieldsReader.read("list", text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.B: x",
        "a.B:\n  honoured: x",
        "a.B:\n  honoured: [x,",
        "a.B:\n  honoured: [x, x]",
        "a.B:\n  refused: [x]",
        "a.B:\n  - x",
        "a.B:\n  accepted: {x: y}",
        "a.B:\n  accepted:\n    x",
        "a.B:\n  accepted:\n    x: \"y",
        "a.B:\n  accepted:\n    x: \"y\\n\"",
        "a.B:\n  accepted:\n    x: y # not said",
        "a.B:\n  accepted:\n    x: y: z",
        "a.B:\n  accepted:\n    x: y\n    x: y",
        "a.B: {}\na.B: {}",
        "  honoured: [x]",
      })
  void anotherFormIsAnErrorWithItsLine(String text) {
    String said =
        assertThrows(
                IllegalStateException.class, () -> HonouredFieldsReader.read("list", text + "\n"))
            .getMessage();
    assertEquals("list:" + text.lines().count() + ": is none of the forms of this file", said);
  }

  private static List<String> ordered(Map<String, Fields> byMessage) {
    List<String> names = new ArrayList<>();
    byMessage.forEach((message, fields) -> {
      names.add(message);
      names.addAll(fields.honoured());
      names.addAll(fields.accepted().keySet());
    });
    return names;
  }

  private static Map<String, Fields> byYaml(String text) {
    YamlFile file = YamlReader.read("list", text);
    assertEquals(List.of(), file.problems());
    Map<String, Fields> byMessage = new LinkedHashMap<>();
    for (Entry message : ((Mapping) file.documents().getFirst()).entries()) {
      byMessage.put(message.key(), fields((Mapping) message.value()));
    }
    return byMessage;
  }

  private static Fields fields(Mapping message) {
    Set<String> honoured = new LinkedHashSet<>();
    Map<String, String> accepted = new LinkedHashMap<>();
    message
        .get("honoured")
        .ifPresent(list ->
            ((Sequence) list).items().forEach(item -> honoured.add(((Scalar) item).text())));
    message
        .get("accepted")
        .ifPresent(map ->
            ((Mapping) map)
                .entries()
                .forEach(entry -> accepted.put(entry.key(), ((Scalar) entry.value()).text())));
    return new Fields(honoured, accepted);
  }
}
