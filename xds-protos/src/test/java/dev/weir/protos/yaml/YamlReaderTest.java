package dev.weir.protos.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class YamlReaderTest {
  @Test
  void everyNodeKnowsItsLine() {
    Mapping root =
        read(
            """
            a: 1
            list:
            - x
            - {b: 2}
            """);

    Sequence list = (Sequence) root.get("list").orElseThrow();
    assertEquals(3, list.at().line());
    assertEquals(4, list.items().get(1).at().line());
    assertEquals("f.yaml:2", root.entries().get(1).at().toString());
  }

  @Test
  void charactersOfTwoUnitsAreReadWhereverTheyStand() {
    for (int before = 0; before < 5000; before += before < 1000 || before > 1030 ? 97 : 1) {
      String value = "a".repeat(before) + "\uD83D\uDE00" + "b".repeat(before);
      Mapping root = read("k: \"" + value + "\"");
      assertEquals(value, ((Scalar) root.get("k").orElseThrow()).text());
    }
  }

  @Test
  void jsonIsRead() {
    Mapping root = read("{\"a\": [1, true, null, \"x\\u0041\"]}");

    Sequence list = (Sequence) root.get("a").orElseThrow();
    assertEquals(
        List.of(Kind.INTEGER, Kind.BOOLEAN, Kind.NULL, Kind.STRING),
        list.items().stream().map(item -> ((Scalar) item).kind()).toList());
    assertEquals("xA", ((Scalar) list.items().getLast()).text());
  }

  @ParameterizedTest
  @CsvSource({
    "~,NULL", "null,NULL", "true,BOOLEAN", "False,BOOLEAN", "yes,STRING", "on,STRING", "0,INTEGER",
    "-12,INTEGER", "0x1F,INTEGER", "1.5,FLOAT", "1e3,FLOAT", ".inf,FLOAT", "-.5,FLOAT", "1s,STRING",
    "1.2.3.4,STRING", "-,STRING", "'\"1\"',STRING", "!!str 5,STRING", "0.25s,STRING"
  })
  void plainScalarsHaveTheKindOfTheCoreSchema(String text, Kind kind) {
    if (text.equals("-")) {
      text = "'-'";
    }
    assertEquals(kind, ((Scalar) read("a: " + text).get("a").orElseThrow()).kind());
  }

  @ParameterizedTest
  @CsvSource({
    "~,NULL,~", "yes,BOOLEAN,yes", "N,BOOLEAN,N", "Off,BOOLEAN,Off", "true,BOOLEAN,true",
    "yEs,STRING,yEs", "0,INTEGER,0", "-12,INTEGER,-12", "+3,INTEGER,3", "010,INTEGER,8",
    "-0o17,INTEGER,-15", "0x1F,INTEGER,31", "0b11,INTEGER,3", "1_000,INTEGER,1000", "089,FLOAT,089",
    "2.0,FLOAT,2.0", "1_0.5,FLOAT,10.5", ".5,FLOAT,.5", "._5,STRING,._5", "1:30,STRING,1:30",
    "2026-01-01,STRING,2026-01-01", "0x,STRING,0x", "'\"on\"',STRING,on", "!!str 010,STRING,010"
  })
  void plainScalarsOfResourcesHaveTheKindThatKubernetesSees(String text, Kind kind, String read) {
    Mapping root =
        (Mapping) YamlReader.readKubernetes("f.yaml", "a: " + text).documents().getFirst();

    Scalar scalar = (Scalar) root.get("a").orElseThrow();
    assertEquals(kind + " " + read, scalar.kind() + " " + scalar.text());
  }

  @Test
  void documentsAreSeparateAndEmptyOnesAreLeftOut() {
    YamlFile file = YamlReader.read("f.yaml", "a: 1\n---\n---\n# nothing\n---\nb: 2\n");

    assertEquals(List.of(), file.problems());
    assertEquals(List.of(1, 6), file.documents().stream().map(node -> node.at().line()).toList());
  }

  @Test
  void aSyntaxErrorNamesItsLineAndKeepsTheDocumentsBefore() {
    YamlFile file = YamlReader.read("f.yaml", "a: 1\n---\nb: [1, 2\nc: 3\n");

    assertEquals(1, file.documents().size());
    assertTrue(problem(file).startsWith("f.yaml:4: not valid YAML: expected ',' or ']'"));
  }

  @Test
  void aDuplicateKeyNamesBothLines() {
    YamlFile file = YamlReader.read("f.yaml", "a: 1\nb: 2\na: 3\n");

    assertEquals("f.yaml:3: the key \"a\" is already on line 1", problem(file));
  }

  @Test
  void aliasesAreExpandedWhereTheyStand() {
    Mapping root = read("a: &x {p: 1}\nb: *x\n");

    assertEquals(root.get("a"), root.get("b"));
  }

  @Test
  void anAliasToItselfIsRefused() {
    assertEquals(
        "f.yaml:1: *x names an anchor that is not complete before it",
        problem(YamlReader.read("f.yaml", "a: &x [*x]\n")));
  }

  @Test
  void anAliasBombIsRefused() {
    String bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + IntStream.range(1, 12)
                .mapToObj(i -> "a%d: &a%d [%s]".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9)))
                .collect(Collectors.joining("\n"));

    assertTrue(problem(YamlReader.read("f.yaml", bomb)).contains("aliases expand to more than"));
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(100_000);

    assertEquals(
        "f.yaml:1: nested deeper than 200 levels", problem(YamlReader.read("f.yaml", deep)));
  }

  @Test
  void anIgnoredKeyIsOnlyAPlaceForAnchors() {
    Mapping root = read("!ignore templates:\n- &t {p: 1}\nuse: *t\n");

    assertEquals(List.of("use"), root.entries().stream().map(YamlNode.Entry::key).toList());
  }

  @Test
  void aMapAsAKeyIsRefused() {
    assertEquals(
        "f.yaml:1: a key of a map must be a scalar",
        problem(YamlReader.read("f.yaml", "{a: 1}: 2\n")));
  }

  private static Mapping read(String text) {
    YamlFile file = YamlReader.read("f.yaml", text);
    assertEquals(List.of(), file.problems());
    return (Mapping) file.documents().getFirst();
  }

  private static String problem(YamlFile file) {
    assertEquals(1, file.problems().size());
    return file.problems().getFirst().toString();
  }
}
