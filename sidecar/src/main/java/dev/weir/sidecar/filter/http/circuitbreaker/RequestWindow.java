package dev.weir.sidecar.filter.http.circuitbreaker;

/** The last so many attempts: a ring with a bit for each. Its lock is held for a few additions. */
final class RequestWindow implements CallWindow {
  private final int size;
  private final long[] badBits;
  private int next;
  private int calls;
  private int bad;

  RequestWindow(int size) {
    this.size = size;
    this.badBits = new long[(size + Long.SIZE - 1) / Long.SIZE];
  }

  @Override
  public synchronized long add(boolean isBad, long nowNanos) {
    int word = next / Long.SIZE;
    long bit = 1L << next; // of the word: a shift counts modulo 64
    if (calls < size) {
      calls++;
    } else if ((badBits[word] & bit) != 0) {
      bad--;
    }
    if (isBad) {
      badBits[word] |= bit;
      bad++;
    } else {
      badBits[word] &= ~bit;
    }
    next = next + 1 == size ? 0 : next + 1;
    return CallWindow.counts(calls, bad);
  }

  @Override
  public synchronized long counts(long nowNanos) {
    return CallWindow.counts(calls, bad);
  }

  @Override
  public synchronized void clear() {
    next = 0;
    calls = 0;
    bad = 0;
  }
}
