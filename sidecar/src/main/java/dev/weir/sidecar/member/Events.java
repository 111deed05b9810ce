package dev.weir.sidecar.member;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** What happened to a member and was not looked at yet. Any thread adds, the main thread takes. */
final class Events {
  /** Everything but signals happens once; who sends more of them than this is not in a hurry. */
  private static final int MOST = 64;

  private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(MOST);

  void add(Event event) {
    queue.offer(event);
  }

  /** Waits for the next one. */
  Event next() throws InterruptedException {
    return queue.take();
  }
}
