package dev.weir.control.cli.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Golden;
import dev.weir.control.source.file.Folders;
import dev.weir.control.source.reader.Finding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code migrate/<case>.in.yaml} becomes {@code <case>.out.yaml}, and {@code <case>.err.txt} is
 * said of it. What comes out has no errors to {@code check}, and its warnings are in {@code
 * <case>.check.txt}.
 */
class MigrateTest {
  private static final Path CASES = Path.of("src/test/resources/migrate");

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  static Stream<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.filter(file -> file.toString().endsWith(".in.yaml")).sorted().toList().stream();
    }
  }

  private int migrate(String... words) {
    return Migrate.run(
        words,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void becomesWhatCheckTakes(Path in) throws IOException {
    int status = migrate(in.toString());
    String said = err.toString(StandardCharsets.UTF_8).replace(in + ":", "");
    Golden.assertCurrent(beside(in, ".out.yaml"), out.toString(StandardCharsets.UTF_8));
    Golden.assertCurrent(beside(in, ".err.txt"), said);
    boolean complete =
        said.lines()
            .allMatch(line -> line.contains(": warning: ") || line.matches("[0-9]+: warning: .*"));
    assertEquals(complete ? 0 : 1, status);
    Files.write(folder.resolve("mesh.yaml"), out.toByteArray());
    List<Finding> findings = Folders.scan(folder).findings();
    assertEquals(List.of(), findings.stream().filter(Finding::isError).toList());
    String warnings =
        findings.stream()
            .map(finding -> finding.toString().replace(folder + "/mesh.yaml:", "") + "\n")
            .collect(Collectors.joining());
    Path known = beside(in, ".check.txt");
    if (!warnings.isEmpty() || Files.exists(known)) {
      Golden.assertCurrent(known, warnings);
    }
  }

  private static Path beside(Path in, String end) {
    return in.resolveSibling(in.getFileName().toString().replace(".in.yaml", end));
  }

  /** The policies that the page writes for what libraries do. */
  @Test
  void pageWritesPoliciesThatCheckTakes() throws IOException {
    String page = Files.readString(Golden.REPOSITORY.resolve("docs/migrate.md"));
    String[] blocks = page.split("```yaml\n", -1);
    assertTrue(blocks.length > 4, "no policies in the page");
    for (int i = 1; i < blocks.length; i++) {
      Path own = Files.createDirectory(folder.resolve("block" + i));
      Files.writeString(
          own.resolve("service.yaml"),
          "{apiVersion: v1, kind: Service, metadata: {name: inventory, namespace: shop}, spec:"
              + " {ports: [{name: http, port: 8080}]}}");
      String block = blocks[i].substring(0, blocks[i].indexOf("```"));
      Files.writeString(own.resolve("policy.yaml"), block);
      assertEquals(List.of(), Folders.scan(own).findings(), block);
    }
  }

  @Test
  void whatIsNoFileIsWrongUsage() {
    assertEquals(2, migrate(folder.resolve("none.yaml").toString()));
    assertEquals(2, migrate());
  }

  @Test
  void filesKnowEachOthersServices() throws IOException {
    Path service =
        Files.writeString(
            folder.resolve("service.yaml"),
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name:"
                + " a, namespace: b}, spec: {ports: [{port: 80}]}}]}");
    Path rule =
        Files.writeString(
            folder.resolve("rule.yaml"),
            "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a,"
                + " namespace: b}, spec: {hosts: [a], http: [{route: [{destination: {host: a}}]}]}}");
    assertEquals(0, migrate(rule.toString(), service.toString()), err::toString);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("port: 80"), out::toString);
    assertEquals(1, migrate(rule.toString()), "without the service");
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("give them too"), err::toString);
  }

  @Test
  void nothingToMigrateIsSaid() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.yaml"), "# nothing\n");
    Path other =
        Files.writeString(
            folder.resolve("other.yaml"), "{apiVersion: v1, kind: Secret, metadata: {name: a}}");
    assertEquals(1, migrate(other.toString()));
    assertEquals(
        "weir migrate: nothing in " + other + " to migrate\n",
        err.toString(StandardCharsets.UTF_8));
    err.reset();
    assertEquals(1, migrate(empty.toString()));
    assertEquals(
        "%1$s: warning: is empty\nweir migrate: nothing in %1$s to migrate\n".formatted(empty),
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsNoTextIsSaidWithItsLine() throws IOException {
    Path file = folder.resolve("a.yaml");
    Files.write(file, "a: b\n# \u00ff\n".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(2, migrate(file.toString()));
    assertTrue(
        err.toString(StandardCharsets.UTF_8).contains(file + ":2: is not UTF-8"), err::toString);
  }

  @Test
  void whatIsNotYamlIsSaidWithItsPlace() throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), "a: [");
    assertEquals(1, migrate(file.toString()));
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith(file + ":1: "), err::toString);
  }
}
