package dev.weir.control.traffic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What happened in the mesh of late, so much of it at most: the marks in its charts. Any thread.
 */
public final class MeshEvents {
  private static final int MOST = 4096;

  private final Deque<MeshEvent> events = new ArrayDeque<>();

  /** Adds {@code event}; the oldest goes, if there is no room. */
  public synchronized void add(MeshEvent event) {
    if (events.size() == MOST) {
      events.removeFirst();
    }
    events.addLast(event);
  }

  /** Those since {@code millis}, the oldest first. */
  public synchronized List<MeshEvent> since(long millis) {
    return events.stream().filter(event -> event.millis() >= millis).toList();
  }
}
