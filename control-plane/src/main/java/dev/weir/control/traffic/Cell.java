package dev.weir.control.traffic;

import java.util.Arrays;
import java.util.function.ObjLongConsumer;

/**
 * What was counted of a series in one step. Not for several threads; one that is handed out is
 * valid for that call alone.
 */
public final class Cell {
  private static final int FEW = 4;

  private final Outcomes names;
  private int[] outcomes = new int[FEW];
  private long[] counts = new long[FEW];
  private int size;
  private final Durations durations;
  private long received;
  private long sent;

  Cell(Outcomes names, int scale) {
    this.names = names;
    this.durations = new Durations(scale);
  }

  void clear() {
    size = 0;
    durations.clear();
    received = 0;
    sent = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(int outcome, long count) {
    for (int i = 0; i < size; i++) {
      if (outcomes[i] == outcome) {
        counts[i] += count;
        return;
      }
    }
    if (size == outcomes.length) {
      outcomes = Arrays.copyOf(outcomes, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    outcomes[size] = outcome;
    counts[size++] = count;
  }

  void addBytes(long receivedBytes, long sentBytes) {
    received += receivedBytes;
    sent += sentBytes;
  }

  public long requests() {
    long requests = 0;
    for (int i = 0; i < size; i++) {
      requests += counts[i];
    }
    return requests;
  }

  /** Each outcome there was, and how often. */
  public void forEach(ObjLongConsumer<Outcome> each) {
    for (int i = 0; i < size; i++) {
      each.accept(names.of(outcomes[i]), counts[i]);
    }
  }

  /** None of a destination whose caller counts too, nor bytes. */
  public Durations durations() {
    return durations;
  }

  /** Bytes from who calls. */
  public long received() {
    return received;
  }

  /** Bytes to who calls. */
  public long sent() {
    return sent;
  }

  void write(Varints to) {
    to.put(size);
    for (int i = 0; i < size; i++) {
      to.put(outcomes[i]);
      to.put(counts[i]);
    }
    to.put(received);
    to.put(sent);
    to.put(durations.sumMicros());
    int begin = 0;
    int end = durations.size();
    while (end > 0 && durations.at(end - 1) == 0) {
      end--;
    }
    while (begin < end && durations.at(begin) == 0) {
      begin++;
    }
    to.put(end - begin);
    to.put(begin);
    for (int i = begin; i < end; i++) {
      to.put(durations.at(i));
    }
  }

  /** Instead of what it had. */
  void read(Varints from) {
    clear();
    int kinds = (int) from.take();
    for (int i = 0; i < kinds; i++) {
      int outcome = (int) from.take();
      add(outcome, from.take());
    }
    received = from.take();
    sent = from.take();
    durations.addMicros(from.take());
    int length = (int) from.take();
    int begin = (int) from.take();
    for (int i = 0; i < length; i++) {
      durations.addAt(begin + i, from.take());
    }
  }
}
