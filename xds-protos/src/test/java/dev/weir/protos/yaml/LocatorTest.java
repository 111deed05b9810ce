package dev.weir.protos.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LocatorTest {
  private static final YamlNode ROOT =
      YamlReader.read(
              "f.yaml",
              """
              a:
                list:
                - x: 1
                - y: 2
                  map:
                    "k.1": {z: 3}
              """)
          .documents()
          .getFirst();

  @ParameterizedTest
  @CsvSource({
    "a,1",
    "a.list,2",
    "a.list[0],3",
    "a.list[1].y,4",
    "a.list[1].map[\"k.1\"],6",
    "a.list[1].map[\"k.1\"].z,6"
  })
  void aPathHasTheLineOfItsField(String path, int line) {
    assertEquals(line, Locator.find(ROOT, path).line());
  }

  @Test
  void whatIsNotThereHasTheLineOfWhatHoldsIt() {
    assertEquals(4, Locator.find(ROOT, "a.list[1].missing.more").line());
    assertEquals(2, Locator.find(ROOT, "a.list[7].x").line());
    assertEquals(1, Locator.find(ROOT, "").line());
  }
}
