package dev.weir.control.ui;

import java.io.IOException;
import java.time.Duration;

/**
 * Tells all listeners of one page whenever it changes; it is asked for once for all of them, and
 * not while there is none.
 */
final class Live implements EventStream.Source {
  /** Less than what idle connections are ended after anywhere. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Page page;
  private final String event;
  private final long everyNanos;
  private String json = "";
  private long version;
  private long askedNanos;
  private boolean asked;

  /**
   * @param event its name
   * @param every how often it is asked for
   */
  Live(Page page, String event, Duration every) {
    this.page = page;
    this.event = event;
    this.everyNanos = every.toNanos();
  }

  private record Version(long number, String json) {}

  private synchronized Version current(Query query) throws Query.Wrong, IOException {
    long now = System.nanoTime();
    if (!asked || now - askedNanos >= everyNanos) {
      String next;
      try {
        next = page.json(query);
      } catch (Page.NotThere e) {
        throw new IOException(e);
      }
      asked = true;
      askedNanos = now;
      if (!next.equals(json)) {
        json = next;
        version++;
      }
    }
    return new Version(version, json);
  }

  @Override
  public void tell(Query query, EventStream.Listener to)
      throws Query.Wrong, IOException, InterruptedException {
    long told = -1;
    long toldNanos = System.nanoTime();
    while (true) {
      Version now = current(query);
      if (now.number() != told) {
        to.event(event, now.json());
        told = now.number();
        toldNanos = System.nanoTime();
      } else if (System.nanoTime() - toldNanos >= SILENCE.toNanos()) {
        to.alive();
        toldNanos = System.nanoTime();
      }
      Thread.sleep(Duration.ofNanos(everyNanos));
    }
  }
}
