package dev.weir.sidecar.up;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** Reads what a {@link Journal} has written. One thread. */
final class Logs {
  private static final int POLL_MILLIS = 100;
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path folder;
  private final long since;
  private final Optional<String> service;
  private final Journal.Screen screen;
  private boolean found;
  private long position;
  private long size;
  private Object file = "";

  /**
   * @param since milliseconds since 1970
   * @param service whose lines alone are shown
   */
  Logs(Path folder, long since, Optional<String> service, Journal.Screen screen) {
    this.folder = folder;
    this.since = since;
    this.service = service;
    this.screen = screen;
  }

  void show() throws IOException {
    Path before = folder.resolve(Journal.BEFORE);
    if (Files.exists(before)) {
      show(before);
      position = 0;
    }
    show(folder.resolve(Journal.FILE));
  }

  /** Whether one line at least is of whom it is to be, of whatever age. */
  boolean found() {
    return found;
  }

  /** What comes, as long as {@code running}. */
  void follow(BooleanSupplier running) throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Path log = folder.resolve(Journal.FILE);
    boolean more = true;
    while (more) {
      more = running.getAsBoolean() && !never.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (!Files.exists(log)) {
        continue;
      }
      if (!Files.getAttribute(log, "unix:ino").equals(file) || Files.size(log) < size) {
        position = 0; // what was in the one before since the last look is in log.1
      }
      show(log);
    }
  }

  private void show(Path log) throws IOException {
    if (!Files.exists(log)) {
      return;
    }
    file = Files.getAttribute(log, "unix:ino");
    try (RandomAccessFile in = new RandomAccessFile(log.toFile(), "r")) {
      size = in.length();
      in.seek(position);
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
        int begin = 0;
        for (int index = 0; index < count; index++) {
          if (chunk[index] == '\n') {
            line(new String(chunk, begin, index - begin, StandardCharsets.UTF_8));
            begin = index + 1;
          }
        }
        position += begin == 0 && count == CHUNK_BYTES ? count : begin;
        if (begin < count) {
          in.seek(position);
          if (count < CHUNK_BYTES) {
            return; // the last line is not whole yet
          }
        }
      }
    }
  }

  private static boolean isOf(String service, String name) {
    String instances = Pattern.quote(service.substring(service.indexOf('/') + 1)) + "-[0-9]+";
    return name.equals(service) || name.matches(instances);
  }

  private void line(String line) {
    int space = line.indexOf(' ');
    int tab = line.indexOf('\t');
    if (space <= 0 || tab < space) {
      return;
    }
    String name = line.substring(space + 1, tab);
    boolean wanted = service.map(one -> isOf(one, name)).orElse(true);
    found |= wanted;
    if (wanted && Long.parseLong(line.substring(0, space)) >= since) {
      screen.line(name, line.substring(tab + 1));
    }
  }
}
