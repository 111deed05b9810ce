package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.runtime.Loop;
import java.util.concurrent.TimeUnit;

/** What one loop has written to one file and not yet handed over. That loop only. */
final class LoopBuffer {
  private static final int FULL = 32 << 10;
  private static final int CAPACITY = FULL + (8 << 10);
  private static final long AGE_MILLIS = 200;

  private final Loop loop;
  private final LogFile file;
  private ByteSink sink = new ByteSink(CAPACITY);
  private int lines;
  private boolean scheduled;

  LoopBuffer(Loop loop, LogFile file) {
    this.loop = loop;
    this.file = file;
  }

  ByteSink sink() {
    return sink;
  }

  void lineDone() {
    lines++;
    if (sink.length() >= FULL) {
      handOver();
    } else if (!scheduled) {
      scheduled = true;
      loop.eventLoop().schedule(this::aged, AGE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void aged() {
    scheduled = false;
    handOver();
  }

  /** Passes what is there to the writer, and goes on with a buffer that came back. */
  void handOver() {
    if (lines > 0) {
      sink = file.write(sink, lines);
      lines = 0;
    }
  }

  static ByteSink fresh() {
    return new ByteSink(CAPACITY);
  }
}
