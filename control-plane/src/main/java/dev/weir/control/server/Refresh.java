package dev.weir.control.server;

import dev.weir.control.snapshot.Snapshot;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * News for many streams: a mistake with one of them ends it, and keeps no other from what is new.
 * Control thread.
 */
final class Refresh implements Audiences.Telling {
  private @Nullable RuntimeException first;

  @Override
  public void tell(AdsStream<?, ?> stream, Snapshot next) {
    attempt(stream, () -> stream.refresh(next));
  }

  void attempt(AdsStream<?, ?> stream, Runnable news) {
    try {
      news.run();
    } catch (RuntimeException mistake) {
      failed(List.of(stream), mistake);
    }
  }

  @Override
  public void failed(Collection<AdsStream<?, ?>> failed, RuntimeException mistake) {
    failed.forEach(stream -> stream.end(OpenStreams.OURS));
    if (first == null) {
      first = mistake;
    } else {
      first.addSuppressed(mistake);
    }
  }

  /**
   * All have been told.
   *
   * @throws RuntimeException the first mistake
   */
  void end() {
    if (first != null) {
      throw first;
    }
  }
}
