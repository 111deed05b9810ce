package dev.weir.control.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that outlive the program. */
class KeptStateTest {
  @TempDir Path temp;
  private final List<String> told = new ArrayList<>();

  private KeptState at(Path folder) {
    return new KeptState(Optional.of(folder), "what is in force", told::add);
  }

  private static SortedMap<String, String> texts(String... namesAndTexts) {
    SortedMap<String, String> texts = new TreeMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      texts.put(namesAndTexts[i], namesAndTexts[i + 1]);
    }
    return texts;
  }

  @Test
  void theNextStartFindsWhatWasKeptLastAndNothingElse() throws IOException {
    Path folder = temp.resolve("a").resolve("b");
    try (KeptState state = at(folder)) {
      assertEquals(Map.of(), state.found());
      state.keep(() -> texts("shop/a.yaml", "one\n", "b.yaml", "two", "gone.yaml", "three"));
    }
    try (KeptState state = at(folder)) {
      assertEquals(3, state.found().size());
      state.keep(() -> texts("shop/a.yaml", "one\n# more", "b.yaml", "two"));
    }
    try (KeptState state = at(folder)) {
      assertEquals(texts("shop/a.yaml", "one\n# more", "b.yaml", "two"), state.found());
    }
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count(), "two texts and the lock");
    }
    assertEquals(List.of(), told);
  }

  @Test
  void whatItDidNotWriteItPassesOver() throws IOException {
    Files.writeString(temp.resolve("mine.kept"), "# notes\nof my own");
    Files.writeString(temp.resolve("broken.kept"), "");
    Files.write(temp.resolve("latin.kept"), new byte[] {'#', ' ', (byte) 0xe9, '\n'});
    Files.createDirectory(temp.resolve("folder.kept"));
    try (KeptState state = at(temp)) {
      assertEquals(Map.of(), state.found());
      state.keep(() -> texts());
    }
    assertTrue(Files.exists(temp.resolve("mine.kept")));
    assertEquals(List.of(), told);
  }

  @Test
  void placeThatCannotBeWrittenIsToldOnceAndCostsNothingElse() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    try (KeptState state = at(file.resolve("below"))) {
      assertEquals(Map.of(), state.found());
      state.keep(() -> texts("a", "b"));
      state.keep(() -> texts("a", "c"));
    }
    assertEquals(1, told.size());
    assertTrue(
        told.getFirst().startsWith("what is in force cannot be kept for the next start: "),
        told.getFirst());
  }

  @Test
  void placeOfAnotherThatRunsIsLeftAlone() throws IOException {
    try (KeptState first = at(temp)) {
      first.keep(() -> texts("a", "b"));
      try (KeptState second = at(temp)) {
        assertEquals(Map.of(), second.found());
        second.keep(() -> texts("c", "d"));
      }
      assertTrue(told.getFirst().contains("another control plane keeps its state there"));
    }
    try (KeptState later = at(temp)) {
      assertEquals(texts("a", "b"), later.found());
    }
  }

  @Test
  void whatComesAfterTheEndIsNotKept() throws IOException {
    KeptState state = at(temp);
    state.keep(() -> texts("a", "b"));
    state.close();
    state.keep(() -> texts("a", "c"));
    try (KeptState later = at(temp)) {
      assertEquals(texts("a", "b"), later.found());
    }
  }

  @Test
  void withoutAPlaceNothingIsKept() throws IOException {
    try (KeptState state = new KeptState(Optional.empty(), "it", told::add)) {
      state.keep(() -> texts("a", "b"));
      assertEquals(Map.of(), state.found());
    }
    assertEquals(List.of(), told);
  }
}
