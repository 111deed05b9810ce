package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.state.KeptState;
import dev.weir.control.workload.WorkloadRegistry.Known;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of the kept instances are believed. */
class KeptInstancesTest {
  private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");

  @TempDir Path folder;

  private KeptState state() {
    return new KeptState(
        Optional.of(folder),
        "it",
        why -> {
          throw new AssertionError(why);
        });
  }

  @Test
  void whatWasKeptIsFoundWithItsTime() throws IOException {
    Map<Workload, Instant> known =
        Map.of(
            new Workload("a b", new ObjectName("shop", "a"), "10.0.0.1", Set.of(8080, 1)),
            NOW.minusSeconds(3599),
            new Workload("c", new ObjectName("shop", "c"), "10.0.0.2", Set.of(65535), true),
            NOW);
    try (KeptState state = state()) {
      new KeptInstances(state)
          .save(
              known.entrySet().stream()
                  .map(one -> new Known(one.getKey(), one.getValue()))
                  .toList());
    }
    try (KeptState state = state()) {
      assertEquals(known, new KeptInstances(state).load(NOW));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2030-01-01T12:00:00Z shop a 10.0.0.1 n 8080, 1",
    "2030-01-01T11:00:00Z shop a 10.0.0.1 n 8080, 0",
    "2030-01-01T12:01:00Z shop a 10.0.0.1 n 8080, 0",
    "2100-01-01T12:00:00Z shop a 10.0.0.1 n 8080, 0",
    "yesterday shop a 10.0.0.1 n 8080, 0",
    "2030-01-01T12:00:00Z shop a 0.0.0.0 n 8080, 0",
    "2030-01-01T12:00:00Z shop a here n 8080, 0",
    "2030-01-01T12:00:00Z shop a 10.0.0.1 n 99999, 0",
    "2030-01-01T12:00:00Z shop a 10.0.0.1 n 0, 0",
    "2030-01-01T12:00:00Z shop a 10.0.0.1 n, 0",
    "'2030-01-01T12:00:00Z  a 10.0.0.1 n 8080', 0",
  })
  void lineThatIsNoneIsPassedOver(String line, int instances) throws IOException {
    SortedMap<String, String> texts = new TreeMap<>();
    texts.put("instances", "#\n" + line.replace(' ', '\t') + "\n");
    try (KeptState state = state()) {
      state.keep(() -> texts);
    }
    try (KeptState state = state()) {
      assertEquals(instances, new KeptInstances(state).load(NOW).size());
    }
  }
}
