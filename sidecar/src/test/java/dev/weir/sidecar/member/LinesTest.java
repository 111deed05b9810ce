package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void copy(byte[] in) throws IOException {
    new Lines(out, "<".getBytes(StandardCharsets.UTF_8), ">".getBytes(StandardCharsets.UTF_8))
        .copy(new ByteArrayInputStream(in));
  }

  @Test
  void eachLineIsMarkedAndTheLastIsEnded() throws IOException {
    copy("one\n\nthree".getBytes(StandardCharsets.UTF_8));

    assertEquals("<one>\n<>\n<three>\n", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void bytesThatAreNoTextStayAsTheyAre() throws IOException {
    copy(new byte[] {(byte) 0xff, 0, '\n'});

    assertArrayEquals(new byte[] {'<', (byte) 0xff, 0, '>', '\n'}, out.toByteArray());
  }

  @Test
  void aLineWithoutEndIsBroken() throws IOException {
    copy(new byte[(64 << 10) + 1]);

    assertEquals((64 << 10) + 1 + 2 * 3, out.size());
  }

  @Test
  void linesThatSayNothingAreLeftOut() throws IOException {
    new Lines(out, new byte[0], new byte[0])
        .without("admin: ")
        .copy(new ByteArrayInputStream("admin: x\nadmin\n".getBytes(StandardCharsets.UTF_8)));

    assertEquals("admin\n", out.toString(StandardCharsets.UTF_8));
  }
}
