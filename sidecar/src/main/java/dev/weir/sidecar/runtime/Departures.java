package dev.weir.sidecar.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What has left the configuration and is in use: each is let go when nobody uses it any more, and
 * not before every loop has gone on since it left, so that whoever was about to use it does.
 * Control thread.
 */
public final class Departures {
  /** It cannot be found any more; who has found it goes on. */
  public interface Departed {
    /** Once true it is true for ever. */
    boolean unused();

    void letGo();
  }

  private static final class Batch {
    private final List<Departed> left;
    private volatile boolean passed;

    Batch(Collection<? extends Departed> left) {
      this.left = new ArrayList<>(left);
    }
  }

  private final Loops loops;
  private final List<Batch> batches = new ArrayList<>();

  public Departures(Loops loops) {
    this.loops = loops;
  }

  public void add(Collection<? extends Departed> departed) {
    if (departed.isEmpty()) {
      return;
    }
    Batch batch = new Batch(departed);
    batches.add(batch);
    loops.pass(loop -> {}, () -> batch.passed = true);
  }

  /** Lets go of those that nobody uses; to be called again and again. */
  public void sweep() {
    batches.removeIf(batch -> {
      if (batch.passed) {
        batch.left.removeIf(Departures::letGoIfUnused);
      }
      return batch.left.isEmpty();
    });
  }

  private static boolean letGoIfUnused(Departed departed) {
    boolean unused = departed.unused();
    if (unused) {
      departed.letGo();
    }
    return unused;
  }
}
