package dev.weir.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines to a disk that is full at some place. */
class LineChannelTest {
  /** Takes so much, a few bytes at a time. */
  private static final class Disk implements WritableByteChannel {
    private final ByteArrayOutputStream has = new ByteArrayOutputStream();
    private int room;

    Disk(int room) {
      this.room = room;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (room == 0) {
        throw new IOException("No space left on device");
      }
      int taken = Math.min(Math.min(room, 3), from.remaining());
      for (int i = 0; i < taken; i++) {
        has.write(from.get());
      }
      room -= taken;
      return taken;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static void write(LineChannel to, String text, int lines) throws IOException {
    to.write(text.getBytes(StandardCharsets.US_ASCII), text.length(), lines);
  }

  @ParameterizedTest(name = "room for {0} bytes")
  @CsvSource({
    "0, 3, ''",
    "2, 3, aa|",
    "4, 2, aaa|",
    "5, 2, aaa|b|",
    "8, 1, aaa|bbb|",
    "11, 1, aaa|bbb|ccc|"
  })
  void whatComesAfterAFullDiskBeginsALine(int room, int lost, String had) throws IOException {
    Disk disk = new Disk(room);
    LineChannel lines = new LineChannel(disk, false);
    LineChannel.Lost failure =
        assertThrows(LineChannel.Lost.class, () -> write(lines, "aaa\nbbb\nccc\n", 3));
    assertEquals(lost, failure.lines());
    assertEquals("No space left on device", failure.getMessage());
    assertThrows(LineChannel.Lost.class, () -> write(lines, "ddd\n", 1));
    disk.room = 100;
    write(lines, "eee\n", 1);
    assertEquals(had.replace('|', '\n') + "eee\n", disk.has.toString(StandardCharsets.US_ASCII));
  }

  @Test
  void lineThatAFullDiskTakesAllOfIsNotLost() throws IOException {
    Disk disk = new Disk(4);
    LineChannel lines = new LineChannel(disk, false);
    write(lines, "aaa\n", 1);
    assertThrows(LineChannel.Lost.class, () -> write(lines, "bbb\n", 1));
    disk.room = 100;
    write(lines, "ccc\n", 1);
    assertEquals("aaa\nccc\n", disk.has.toString(StandardCharsets.US_ASCII));
  }
}
