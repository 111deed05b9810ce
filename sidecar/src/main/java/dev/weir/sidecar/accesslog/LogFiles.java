package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.runtime.Loops;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The open logs, one for each path however many configurations name it; a log stays open for the
 * life of the process. Control thread.
 */
public final class LogFiles implements AutoCloseable {
  private final Loops loops;
  private final PrintStream complaints;
  private final Map<AccessLog.Sink, LogFile> open = new HashMap<>();

  /**
   * @param complaints where a log that cannot be written is reported, once
   */
  public LogFiles(Loops loops, PrintStream complaints) {
    this.loops = loops;
    this.complaints = complaints;
  }

  /**
   * @throws IllegalArgumentException if it cannot be opened
   */
  synchronized LogFile open(AccessLog.Sink sink) {
    LogFile known = open.get(sink);
    if (known == null) {
      try {
        known = new LogFile(sink, loops, complaints);
      } catch (IOException e) {
        throw new IllegalArgumentException("access log: " + e.getMessage(), e);
      }
      open.put(sink, known);
    }
    return known;
  }

  /** Lines dropped by all logs so far. Any thread. */
  public synchronized long dropped() {
    return open.values().stream().mapToLong(LogFile::dropped).sum();
  }

  /** After the event loops have stopped. */
  @Override
  public synchronized void close() {
    open.values().forEach(LogFile::close);
  }
}
