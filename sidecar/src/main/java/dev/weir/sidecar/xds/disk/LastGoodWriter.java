package dev.weir.sidecar.xds.disk;

import dev.weir.sidecar.xds.Resource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardOldestPolicy;
import java.util.concurrent.TimeUnit;

/**
 * Writes a file on a thread of its own: a disk that is slow holds no policy up. What waits to be
 * written gives way to what is newer. The thread ends when there is nothing to write.
 */
public final class LastGoodWriter implements AutoCloseable {
  private static final long LONGEST_END_MILLIS = 1500;

  private final LastGoodFile file;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(1),
          runnable -> Thread.ofPlatform().name("last-good").daemon(true).unstarted(runnable),
          new DiscardOldestPolicy());

  public LastGoodWriter(LastGoodFile file) {
    this.file = file;
    thread.allowCoreThreadTimeOut(true);
  }

  public LastGoodFile file() {
    return file;
  }

  public void write(List<Resource> resources) {
    thread.execute(() -> file.write(resources));
  }

  /** Waits for what was given, for a second and a half at most. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LONGEST_END_MILLIS, TimeUnit.MILLISECONDS)) {
        file.abandoned();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
