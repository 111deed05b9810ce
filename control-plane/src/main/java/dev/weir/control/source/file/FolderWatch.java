package dev.weir.control.source.file;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells when to look at a folder again: some time after the last change of a burst, and every so
 * often in any case, because not every file system reports changes (network mounts, replaced
 * links). Its own virtual thread.
 */
public final class FolderWatch implements AutoCloseable {
  /** A burst of writes, as of an editor or a checkout, is over when it is quiet for so long. */
  private static final Duration QUIET = Duration.ofMillis(50);

  /** A folder that never is quiet is looked at this often. */
  private static final Duration LONGEST_BURST = Duration.ofMillis(500);

  private final Path root;
  private final Duration rescan;
  private final Runnable changed;
  private final WatchService watch;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final Thread thread;

  /**
   * Calls {@code changed} on its own thread until closed; it looks by itself what changed, if
   * anything.
   */
  public FolderWatch(Path root, Duration rescan, Runnable changed) throws IOException {
    this.root = root;
    this.rescan = rescan;
    this.changed = changed;
    this.watch = root.getFileSystem().newWatchService();
    register();
    this.thread = Thread.ofVirtual().name("folder-watch").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = watch.poll(rescan.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
          take(key);
          awaitQuiet();
        }
        register();
        changed.run();
      }
    } catch (ClosedWatchServiceException | InterruptedException closed) {
      // The end of the watch.
    }
  }

  private void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_BURST.toNanos();
    WatchKey key = watch.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
    while (key != null && System.nanoTime() < end) {
      take(key);
      key = watch.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (key != null) {
      take(key);
    }
  }

  private void take(WatchKey key) {
    key.pollEvents();
    if (!key.reset()) {
      keys.values().remove(key);
    }
  }

  /** A folder that cannot be watched is still looked at every {@code rescan}. */
  private void register() {
    try {
      for (Path folder : Walk.of(root).folders()) {
        if (!keys.containsKey(folder)) {
          keys.put(
              folder,
              folder.register(
                  watch,
                  StandardWatchEventKinds.ENTRY_CREATE,
                  StandardWatchEventKinds.ENTRY_MODIFY,
                  StandardWatchEventKinds.ENTRY_DELETE));
        }
      }
    } catch (IOException unreadable) {
      // The scan that follows reports the folder that cannot be read.
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
    thread.interrupt();
  }
}
