package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Loops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The open logs, one for each path however many configurations name it; a log is open as long as
 * one of them is in force. Control thread; writers ask here whether they may end.
 */
public final class LogFiles implements AutoCloseable {
  private final Loops loops;
  private final Log complaints;
  private final AtomicLong dropped = new AtomicLong();
  private final Map<AccessLog.Sink, Held> open = new HashMap<>();

  /** Closed ones that streams may still have a line for, as long as there are such streams. */
  private final Set<LogFile> resting = Collections.newSetFromMap(new WeakHashMap<>());

  private boolean closed;

  private static final class Held {
    private final LogFile file;

    /** Loggers of configurations in force. */
    private int holders;

    Held(LogFile file) {
      this.file = file;
    }
  }

  /**
   * @param complaints where a log that cannot be written is reported, once
   */
  public LogFiles(Loops loops, Log complaints) {
    this.loops = loops;
    this.complaints = complaints;
  }

  /**
   * A log that is to be given back by {@link #release}.
   *
   * @throws IllegalArgumentException if it cannot be opened
   */
  synchronized LogFile take(AccessLog.Sink sink) {
    Held held = open.get(sink);
    if (held == null) {
      try {
        held = new Held(new LogFile(sink, loops, complaints, dropped, this::mayEnd));
      } catch (IOException e) {
        throw new IllegalArgumentException("access log: " + e.getMessage(), e);
      }
      open.put(sink, held);
    }
    held.holders++;
    held.file.want();
    return held.file;
  }

  synchronized void release(LogFile file) {
    Held held = open.get(file.sink());
    if (held != null && held.file == file) {
      held.holders--;
      if (held.holders == 0) {
        file.unwant();
      }
    }
  }

  private synchronized boolean mayEnd(LogFile file) {
    Held held = open.get(file.sink());
    if (held != null && held.file == file && held.holders > 0 && !closed) {
      file.want();
      return false;
    }
    if (!file.endIfNothingIsLeft()) {
      return false;
    }
    if (held != null && held.file == file) {
      open.remove(file.sink());
    }
    resting.add(file);
    return true;
  }

  /**
   * Each is written to what its path names from now on, as after a file was renamed. Any thread.
   */
  public synchronized void reopen() {
    open.values().forEach(held -> held.file.reopen());
  }

  /** Lines dropped by all logs so far. Any thread. */
  public long dropped() {
    return dropped.get();
  }

  /** After the event loops have stopped. */
  @Override
  public void close() {
    List<LogFile> left = new ArrayList<>();
    synchronized (this) {
      closed = true;
      open.values().forEach(held -> left.add(held.file));
      left.addAll(resting);
    }
    left.forEach(LogFile::close);
  }
}
