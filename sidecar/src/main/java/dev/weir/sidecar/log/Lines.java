package dev.weir.sidecar.log;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Takes bytes apart into lines of UTF-8; a line that is too long is several. */
final class Lines extends OutputStream {
  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  Lines(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public synchronized void write(int value) {
    if (value == '\n' || line.size() >= Message.MOST_TEXT) {
      end();
    }
    if (value != '\n' && value != '\r') {
      line.write(value);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int start, int count) {
    for (int i = start; i < start + count; i++) {
      write(bytes[i]);
    }
  }

  private void end() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (!text.isBlank()) {
      lines.accept(text);
    }
  }
}
