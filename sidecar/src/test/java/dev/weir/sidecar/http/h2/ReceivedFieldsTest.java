package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceivedFieldsTest {
  private final ReceivedFields fields = new ReceivedFields();

  private void add(String name, String value) {
    fields.add(new AsciiString(name), new AsciiString(value));
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    fields.forEach(field -> all.add(field.getKey() + "=" + field.getValue()));
    return all;
  }

  @Test
  void fieldsKeepTheirOrderAndPseudoHeadersStandApart() {
    add(":path", "/a");
    add("b", "1");
    add("a", "2");
    add("b", "3");
    assertEquals("/a", String.valueOf(fields.path()));
    assertEquals(1, fields.pseudoCount());
    assertEquals(List.of("b=1", "a=2", "b=3"), all());
  }

  @ParameterizedTest
  @CsvSource({":path,/b", ":paths,/", ":,x", ":status,''"})
  void pseudoHeaderThatIsUnknownEmptyOrRepeatedIsRefused(String name, String value) {
    add(":path", "/a");
    assertThrows(IllegalArgumentException.class, () -> add(name, value));
  }

  @Test
  void equalContentLengthsBecomeTheOneThatNettyCounts() {
    add("content-length", "007");
    add("x", "1");
    add("content-length", "7");
    assertEquals(2, fields.getAll("content-length").size());
    fields.setLong("content-length", 7);
    assertEquals(List.of("content-length=7", "x=1"), all());
  }

  @Test
  void nextHeadFindsNothingOfTheOneBefore() {
    add(":status", "200");
    for (int i = 0; i < 300; i++) {
      add("x-" + i, "1");
    }
    fields.reset();
    assertNull(fields.status());
    assertEquals(0, fields.pseudoCount());
    add("a", "1");
    assertEquals(List.of("a=1"), all());
  }
}
