package dev.weir.sidecar.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.protos.honoured.HonouredFields;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every honoured field has a test that fails where the field does nothing. Each is taken in turn
 * from every message that is built; then the tests that set it run, quick ones first, up to the
 * first that fails. Half an hour; {@code ./weir verify --mutants fields} runs it.
 *
 * <p>{@code -Dweir.mutants.fields=REGEX} tries only fields whose full names have a match.
 */
@Tag(FieldMutantsTest.TAG)
final class FieldMutantsTest {
  static final String TAG = "mutants";

  private static final Path REPORT = Path.of("target/mutants/fields");

  /** Of the tests that set one field, in ms. */
  private static final long MOST_MILLIS = 20_000;

  /** Their tests show that a field is taken, not what it does. */
  private static final Pattern TAKEN =
      Pattern.compile("dev\\.weir\\.sidecar\\.(resource|snapshot|bootstrap|xds\\.store)\\..*");

  private static final Path ARGUED =
      Path.of("src/test/resources/dev/weir/sidecar/mutants/argued.txt");

  @TempDir Path scratch;

  private record TestClass(String name, long millis, Set<String> fields) {}

  @Test
  void aTestNoticesWhereAHonouredFieldDoesNothing() throws Exception {
    Files.createDirectories(REPORT);
    Agent.writeJar(scratch.resolve("agent.jar"));

    Map<String, String> left = work(recorded());
    Set<String> tried = Set.copyOf(left.keySet());
    Set<String> survivors = new TreeSet<>();
    Files.deleteIfExists(REPORT.resolve("report.txt"));
    while (!left.isEmpty()) {
      List<String> results = child("without", left.values());
      assertFalse(results.isEmpty(), "nothing tried, see " + scratch);
      for (String result : results) {
        String[] parts = result.split("\t", -1);
        String field = parts[0] + "." + parts[1];
        left.remove(field);
        if (parts[2].isEmpty()) {
          survivors.add(field);
        }
      }
      Files.write(
          REPORT.resolve("report.txt"),
          results,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }

    assertEquals(
        String.join("\n", argued(tried)),
        String.join("\n", survivors),
        "fields whose effect no test shows; those expected are argued in " + ARGUED);
  }

  /** All tests once, and which fields each sets; the quickest first. */
  private List<TestClass> recorded() throws Exception {
    Path recorded = REPORT.resolve("recorded.txt");
    if (!Files.exists(recorded)) {
      Files.write(recorded, child("record", testClasses()));
    }
    List<TestClass> tests = new ArrayList<>();
    for (String line : Files.readAllLines(recorded)) {
      String[] parts = line.split("\t", -1);
      assertEquals("PASSED", parts[2], parts[0] + ", with no field taken from it");
      tests.add(new TestClass(parts[0], Long.parseLong(parts[1]), Set.of(parts[3].split(" "))));
    }
    tests.sort(Comparator.comparingLong(TestClass::millis));
    return tests;
  }

  private static List<String> testClasses() throws Exception {
    Path classes =
        Path.of(FieldMutantsTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(file -> file.endsWith("Test.class") && !file.contains("$"))
          .map(file -> file.replace(".class", "").replace('/', '.'))
          .filter(name -> !TAKEN.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  /** A line for {@link ChildRun} of each field, by its full name. */
  private static Map<String, String> work(List<TestClass> tests) {
    Pattern wanted = Pattern.compile(System.getProperty("weir.mutants.fields", ""));
    HonouredFields honoured = HonouredFields.load();
    Map<String, String> work = new LinkedHashMap<>();
    for (String message : honoured.messages()) {
      for (String field : honoured.of(message).orElseThrow().honoured()) {
        String name = message + "." + field;
        if (wanted.matcher(name).find()) {
          work.put(name, message + "\t" + field + chosen(tests, name));
        }
      }
    }
    return work;
  }

  private static String chosen(List<TestClass> tests, String field) {
    StringBuilder chosen = new StringBuilder();
    long millis = 0;
    long longest = 0;
    for (TestClass test : tests) {
      if (test.fields.contains(field) && (millis == 0 || millis + test.millis < MOST_MILLIS)) {
        chosen.append('\t').append(test.name);
        millis += test.millis;
        longest = test.millis;
      }
    }
    return "\t" + (8_000 + 3 * longest) + chosen;
  }

  private List<String> child(String how, Iterable<String> work) throws Exception {
    Path workFile = Files.write(scratch.resolve("work"), work);
    Path results = scratch.resolve("results");
    Files.deleteIfExists(results);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-Dsurefire"))
        .forEach(command::add);
    command.add("-javaagent:" + scratch.resolve("agent.jar"));
    command.addAll(List.of("-cp", classPath, ChildRun.class.getName()));
    command.addAll(List.of(how, workFile.toString(), results.toString()));
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(REPORT.resolve("output.txt").toFile())
        .start()
        .waitFor();
    return Files.readAllLines(results);
  }

  /** Of those tried: the ones that need no test, each with its reason in the file. */
  private static Set<String> argued(Set<String> tried) throws IOException {
    return Files.readAllLines(ARGUED).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(":", 2)[0])
        .filter(tried::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
