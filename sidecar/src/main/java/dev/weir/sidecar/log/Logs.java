package dev.weir.sidecar.log;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Where the messages of all components go. Any thread. */
public final class Logs implements AutoCloseable {
  private static final Duration LAST = Duration.ofMillis(500);

  private final LogFormat format;
  private final Levels levels;
  private final LogWriter writer;
  private final PrintStream out;

  /**
   * @param program who says it, in text
   * @param out the program's standard output
   * @param messages where messages go
   */
  public Logs(String program, LogOptions options, PrintStream out, OutputStream messages) {
    this.format = options.format();
    this.levels = options.levels();
    this.out = out;
    this.writer = new LogWriter(messages, program, format);
  }

  public Log of(Component component) {
    return new Bound(component);
  }

  public Levels levels() {
    return levels;
  }

  /** Messages that are lost, for nobody has read those before them in time. */
  public long dropped() {
    return writer.dropped();
  }

  /**
   * What whoever has started the program waits for, of any level: as text it is a line of standard
   * output, as JSON one of the messages.
   */
  public void announce(String text) {
    switch (format) {
      case TEXT -> out.println(text);
      case JSON ->
          writer.offer(new Message(Instant.now(), Level.INFO, Component.MAIN, text, Map.of()));
    }
  }

  /** What others write to it, line by line, as messages. */
  public PrintStream lines(Component component, Level level) {
    Log log = of(component);
    return new PrintStream(
        new Lines(line -> log.say(level, line, Map.of())), true, StandardCharsets.UTF_8);
  }

  /** Writes what is here, for half a second at most. */
  @Override
  public void close() {
    try {
      writer.close(LAST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Bound implements Log {
    private final Component component;

    Bound(Component component) {
      this.component = component;
    }

    @Override
    public void accept(String text) {
      say(Level.WARNING, text, Map.of());
    }

    @Override
    public boolean shows(Level level) {
      return levels.pass(component, level);
    }

    @Override
    public void say(Level level, String text, Map<String, Object> facts) {
      if (shows(level)) {
        writer.offer(new Message(Instant.now(), level, component, text, facts));
      }
    }
  }
}
