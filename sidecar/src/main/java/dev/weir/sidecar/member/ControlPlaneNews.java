package dev.weir.sidecar.member;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the control plane says, from the log of the mesh's holder: what is still so when the member
 * begins, and what comes after. One thread.
 */
final class ControlPlaneNews {
  private static final String SAYS = "control plane: ";
  private static final String OF_THE_HOLDER = "weir: ";
  private static final String HOLDERS_NEWS = OF_THE_HOLDER + "the control plane ";
  private static final String STARTED = SAYS + "ADS on";

  /** More than this at once is the news of next time. */
  private static final int MOST_AT_ONCE = 1 << 20;

  private final Path log;
  private final Consumer<String> out;
  private long position;

  /**
   * @param out takes a line
   */
  ControlPlaneNews(Path log, Consumer<String> out) {
    this.log = log;
    this.out = out;
  }

  /** Says what is still so, as of a policy that is wrong: what it found when it last looked. */
  void begin() throws IOException {
    List<String> lines = read();
    int from = 0;
    int said = 0;
    for (int index = 0; index < lines.size(); index++) {
      String line = lines.get(index);
      if (line.startsWith(SAYS) && line.contains(" in force")) {
        from = said < index ? said : index + 1; // nothing found: nothing is wrong
      }
      if (line.startsWith(SAYS) || line.startsWith(OF_THE_HOLDER)) {
        said = index + 1;
      }
    }
    lines.subList(from, lines.size()).forEach(this::say);
  }

  /** Says what has come since. */
  void poll() throws IOException {
    read().forEach(this::say);
  }

  private void say(String line) {
    if (!line.startsWith(STARTED)) {
      String news = line.startsWith(HOLDERS_NEWS) ? line.substring(HOLDERS_NEWS.length()) : line;
      out.accept(news.startsWith(SAYS) ? news.substring(SAYS.length()) : news);
    }
  }

  /** The whole lines from the position on, which moves behind them. */
  private List<String> read() throws IOException {
    List<String> lines = new ArrayList<>();
    if (!Files.exists(log)) {
      return lines; // the mesh is being taken away
    }
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      int length = (int) Math.min(file.length() - position, MOST_AT_ONCE);
      if (length <= 0) {
        return lines;
      }
      byte[] bytes = new byte[length];
      file.seek(position);
      file.readFully(bytes);
      int begin = 0;
      for (int index = 0; index < length; index++) {
        if (bytes[index] == '\n') {
          lines.add(new String(bytes, begin, index - begin, StandardCharsets.UTF_8));
          begin = index + 1;
        }
      }
      position += begin == 0 && length == MOST_AT_ONCE ? length : begin;
    }
    return lines;
  }
}
