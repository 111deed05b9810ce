package dev.weir.protos.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {
  @TempDir Path folder;

  @Test
  void aTextIsReadAsItIs() throws IOException {
    Path file = folder.resolve("text");
    String text = "\ufeffä€\uD83D\uDE00\r\n\0";
    Files.writeString(file, text);

    assertEquals(text, TextFile.read(file));
  }

  /** Each a character; the end is one that a character is cut by. */
  @ParameterizedTest
  @ValueSource(strings = {"\u00ff", "\u00c3(", "\u00ed\u00a0\u0080", "\u00e2\u0082"})
  void theLineThatIsNoTextIsTold(String bytes) {
    byte[] all = ("ok\n\n# " + bytes).getBytes(StandardCharsets.ISO_8859_1);

    TextFile.NotUtf8 wrong = assertThrows(TextFile.NotUtf8.class, () -> TextFile.text(all));

    assertEquals("line 3 is not UTF-8", wrong.getMessage());
  }
}
