package dev.weir.control.traffic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ObjLongConsumer;

/**
 * The cells of a series, of one {@link Tier}: the one of now, and those before it as bytes, in
 * chunks that are forgotten as a whole. Not for several threads.
 */
final class CellLog {
  private static final int OF_A_CHUNK = 64;

  /** What a chunk costs beside its cells. */
  private static final int BYTES_OF_A_CHUNK = 96;

  private record Chunk(long first, long last, Packed cells) {}

  private final Tier tier;
  private final Cell now;
  private long slot = -1;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private final Varints open = new Varints(OF_A_CHUNK);

  /** Of the chunk that is being written; of no slot if it is empty. */
  private long first = -1;

  private long last = -1;

  CellLog(Tier tier, Outcomes outcomes) {
    this.tier = tier;
    this.now = new Cell(outcomes, tier.scale());
  }

  /** The cell of {@code millis}; of the last one that there was, if that is later. */
  Cell at(long millis) {
    long wanted = tier.slot(millis);
    if (wanted > slot) {
      seal();
      slot = wanted;
    }
    return now;
  }

  private void seal() {
    if (now.isEmpty()) {
      return;
    }
    if (first >= 0 && slot - first >= tier.slotsOfChunk()) {
      chunks.add(new Chunk(first, last, Packed.of(open.copy())));
      open.rewind();
      first = -1;
    }
    if (first < 0) {
      first = slot;
      last = slot;
    }
    open.put(slot - last);
    now.write(open);
    last = slot;
    now.clear();
  }

  /** Those that begin from {@code from} on and before {@code until}, the oldest first. */
  void forEach(long from, long until, Cell into, ObjLongConsumer<Cell> each) {
    for (Chunk chunk : chunks) {
      if (tier.millis(chunk.last()) >= from && tier.millis(chunk.first()) < until) {
        read(chunk.cells().bytes(), chunk.first(), from, until, into, each);
      }
    }
    if (first >= 0 && tier.millis(last) >= from) {
      read(open.copy(), first, from, until, into, each);
    }
    if (!now.isEmpty() && tier.millis(slot) >= from && tier.millis(slot) < until) {
      each.accept(now, tier.millis(slot));
    }
  }

  private void read(
      byte[] bytes, long begin, long from, long until, Cell into, ObjLongConsumer<Cell> each) {
    Varints varints = new Varints(bytes);
    long at = begin;
    while (varints.position() < bytes.length) {
      at += varints.take();
      into.read(varints);
      long millis = tier.millis(at);
      if (millis >= from && millis < until) {
        each.accept(into, millis);
      }
    }
  }

  /** Forgets chunks that end before {@code millis}. */
  void forget(long millis) {
    while (!chunks.isEmpty() && tier.millis(chunks.getFirst().last()) < millis) {
      chunks.removeFirst();
    }
    if (first >= 0 && tier.millis(last) < millis) {
      open.rewind();
      first = -1;
    }
    if (tier.millis(slot) < millis) {
      now.clear();
    }
  }

  boolean isEmpty() {
    return chunks.isEmpty() && first < 0 && now.isEmpty();
  }

  /** Of what is written. */
  long bytes() {
    long bytes = open.position();
    for (Chunk chunk : chunks) {
      bytes += chunk.cells().size() + BYTES_OF_A_CHUNK;
    }
    return bytes;
  }
}
