package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class VariablesTest {
  @Test
  void theLaterOneOfANameCounts() {
    assertEquals(List.of("A=3", "B=2"), Variables.of(List.of("A=1", "B=2"), List.of("A=3")));
  }

  @Test
  void whatTheLauncherHasSetIsAsItsUserHasIt() {
    List<String> launched = List.of("JAVA_HOME=/jdk", "MALLOC_ARENA_MAX=1", "HOME=/root");

    assertEquals(List.of("HOME=/root"), Variables.of(concat(launched, "WEIR_THEIRS="), List.of()));
    assertEquals(
        List.of("HOME=/root", "JAVA_HOME=/old", "MALLOC_ARENA_MAX=4"),
        Variables.of(
            concat(launched, "WEIR_THEIRS=JAVA_HOME=/old\nMALLOC_ARENA_MAX=4"), List.of()));
    assertEquals(launched, Variables.of(launched, List.of()));
  }

  @Test
  void anAppsOwnGoBeforeAll() {
    assertEquals(
        List.of("JAVA_HOME=/mine"),
        Variables.of(List.of("WEIR_THEIRS=JAVA_HOME=/old"), List.of("JAVA_HOME=/mine")));
  }

  private static List<String> concat(List<String> all, String one) {
    return java.util.stream.Stream.concat(all.stream(), java.util.stream.Stream.of(one)).toList();
  }
}
