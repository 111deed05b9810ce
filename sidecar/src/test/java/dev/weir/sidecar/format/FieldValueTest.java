package dev.weir.sidecar.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldValueTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a b, a b",
        "` a\t`, a",
        "` `, ``",
        "``, ``",
        "`a\r\nx-b: c`, a%0D%0Ax-b: c",
        "`\na`, %0Aa",
        "`a\u0000\u007f`, a%00%7F",
        "`a\tb`, `a\tb`",
        "ü, ü"
      })
  void holdsNothingThatWouldEndIt(String text, String value) {
    ByteSink sink = new ByteSink(4);
    sink.put(text);
    assertEquals(value, FieldValue.of(sink));
    assertEquals(text, new String(sink.bytes(), 0, sink.length(), StandardCharsets.ISO_8859_1));
  }
}
