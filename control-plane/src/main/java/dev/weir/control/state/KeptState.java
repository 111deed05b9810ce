package dev.weir.control.state;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Texts by name that a later start finds again. They are written on a thread of its own: of what is
 * handed over while it writes the newest. Any thread.
 */
public final class KeptState implements AutoCloseable {
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private final String what;
  private final Consumer<String> tell;
  private final @Nullable StateFolder folder;
  private final SortedMap<String, String> found;
  private final AtomicReference<@Nullable Supplier<SortedMap<String, String>>> next =
      new AtomicReference<>();
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("state").daemon().factory());
  private boolean failed;

  /**
   * @param folder where; empty: nothing is kept
   * @param what is kept, for people
   * @param tell is told, once, that it cannot be kept
   */
  public KeptState(Optional<Path> folder, String what, Consumer<String> tell) {
    this.what = what;
    this.tell = tell;
    StateFolder opened = null;
    SortedMap<String, String> loaded = new TreeMap<>();
    if (folder.isPresent()) {
      try {
        opened = new StateFolder(folder.get());
        loaded = opened.load();
      } catch (IOException e) {
        fail(folder.get() + ": " + e);
        opened = null;
      }
    }
    this.folder = opened;
    this.found = loaded;
  }

  /** What a start before has kept. */
  public SortedMap<String, String> found() {
    return found;
  }

  /** From now on this is what is kept, made on the thread that writes; nothing, after the end. */
  public void keep(Supplier<SortedMap<String, String>> texts) {
    if (folder != null && next.getAndSet(texts) == null) {
      try {
        writer.execute(this::write);
      } catch (RejectedExecutionException over) {
        // After the end: what was handed over before it stays.
      }
    }
  }

  private void write() {
    Supplier<SortedMap<String, String>> texts = next.getAndSet(null);
    if (folder == null || texts == null) {
      return;
    }
    try {
      folder.save(texts.get());
      failed = false;
    } catch (IOException e) {
      fail(e.toString());
    }
  }

  private void fail(String why) {
    if (!failed) {
      failed = true;
      tell.accept("%s cannot be kept for the next start: %s; see --state".formatted(what, why));
    }
  }

  /** What was handed over is written. */
  @Override
  public void close() throws IOException {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(what + " could not be kept in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (folder != null) {
      folder.close();
    }
  }
}
