package dev.weir.sidecar.runtime;

import org.jspecify.annotations.Nullable;

/**
 * What is idle on one loop, in the order in which it became so, and no more than a bound: over it
 * the one that has been idle longest goes. One event loop.
 */
public final class IdleList {
  /** The place of one thing that is idle now and then. */
  public static final class Entry {
    private final Runnable evicted;
    private @Nullable IdleList list;
    private @Nullable Entry earlier;
    private @Nullable Entry later;

    /**
     * @param evicted run when there are too many that are idle, and this is the first to go
     */
    public Entry(Runnable evicted) {
      this.evicted = evicted;
    }

    /** It is in use again, or gone. */
    public void leave() {
      IdleList from = list;
      if (from != null) {
        from.remove(this);
      }
    }
  }

  private final int most;
  private @Nullable Entry first;
  private @Nullable Entry last;
  private int size;

  /**
   * @param most 1 or more
   */
  public IdleList(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at most " + most + " idle ones");
    }
    this.most = most;
  }

  /** It is idle from now on. */
  public void add(Entry entry) {
    entry.leave();
    entry.list = this;
    Entry before = last;
    entry.earlier = before;
    last = entry;
    if (before == null) {
      first = entry;
    } else {
      before.later = entry;
    }
    size++;
    Entry longest = first;
    if (size > most && longest != null) {
      remove(longest);
      longest.evicted.run();
    }
  }

  private void remove(Entry entry) {
    Entry before = entry.earlier;
    Entry after = entry.later;
    if (before == null) {
      first = after;
    } else {
      before.later = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.earlier = before;
    }
    entry.list = null;
    entry.earlier = null;
    entry.later = null;
    size--;
  }

  int size() {
    return size;
  }
}
