package dev.weir.sidecar.telemetry.edge;

import org.jspecify.annotations.Nullable;

/**
 * One loop's way from what is known of a stream to where it is counted, without an object made for
 * it. Its event loop.
 */
final class EdgeTable {
  /** What the edges of streams are told apart by, before it is looked up what is called how. */
  record Key(
      boolean inbound,
      String peer,
      String cluster,
      Edge.Protocol protocol,
      int responseClass,
      int grpcStatus,
      String cause,
      String policy,
      String shadowCause,
      String shadowPolicy) {}

  record Entry(Key key, int hash, CountedEdge edge, EdgeCell cell) {}

  private static final int FEWEST = 16;

  /** When it is full, what is retired is looked for each time that so many were dropped. */
  private static final int PATIENCE = 1024;

  private final int most;

  /** Its length a power of two, at least half of it empty; an entry is at its hash or after. */
  private @Nullable Entry[] entries = new Entry[FEWEST];

  private int size;
  private int dropped;

  /**
   * @param most entries that it takes
   */
  EdgeTable(int most) {
    this.most = most;
  }

  static int hash(
      boolean inbound,
      String peer,
      String cluster,
      int responseClass,
      int grpcStatus,
      String cause,
      String shadowCause) {
    int hash = peer.hashCode() * 31 + cluster.hashCode();
    hash = hash * 31 + cause.hashCode();
    hash = hash * 31 + shadowCause.hashCode();
    hash = hash * 31 + responseClass * 32 + grpcStatus;
    hash = inbound ? hash + 1 : hash;
    return hash ^ hash >>> 16;
  }

  /** Null for none, or one of an edge that is no more. */
  @Nullable Entry find(
      int hash,
      boolean inbound,
      String peer,
      String cluster,
      Edge.Protocol protocol,
      int responseClass,
      int grpcStatus,
      String cause,
      String policy,
      String shadowCause,
      String shadowPolicy) {
    int mask = entries.length - 1;
    for (int at = hash & mask; ; at = at + 1 & mask) {
      Entry entry = entries[at];
      if (entry == null) {
        return null;
      }
      Key key = entry.key;
      if (entry.hash == hash
          && key.inbound == inbound
          && key.protocol == protocol
          && key.responseClass == responseClass
          && key.grpcStatus == grpcStatus
          && key.cluster.equals(cluster)
          && key.peer.equals(peer)
          && key.cause.equals(cause)
          && key.policy.equals(policy)
          && key.shadowCause.equals(shadowCause)
          && key.shadowPolicy.equals(shadowPolicy)) {
        return entry.edge.retired() ? null : entry;
      }
    }
  }

  /** In place of one with the same key; dropped when there are as many as there may be. */
  void put(Entry entry) {
    boolean full = size >= most && ++dropped % PATIENCE == 0;
    if (full || 2 * (size + 1) > entries.length) {
      rebuild();
    }
    if (size < most) {
      insert(entry);
    }
  }

  private void insert(Entry entry) {
    int mask = entries.length - 1;
    int at = entry.hash & mask;
    Entry there = entries[at];
    while (there != null && !(there.hash == entry.hash && there.key.equals(entry.key))) {
      at = at + 1 & mask;
      there = entries[at];
    }
    if (there == null) {
      size++;
    }
    entries[at] = entry;
  }

  /** Without what is retired, and with room for as many again. */
  private void rebuild() {
    @Nullable Entry[] before = entries;
    int live = 0;
    for (Entry entry : before) {
      live += entry != null && !entry.edge.retired() ? 1 : 0;
    }
    entries = new Entry[Math.max(FEWEST, Integer.highestOneBit(Math.max(1, live)) * 4)];
    size = 0;
    for (Entry entry : before) {
      if (entry != null && !entry.edge.retired()) {
        insert(entry);
      }
    }
  }
}
