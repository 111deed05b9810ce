package dev.weir.control.ui;

import java.io.IOException;

/** What answers one path below {@code /api/v1/}. Any thread, which it may block. */
public interface Page {
  /**
   * @return JSON
   * @throws NotThere what is asked for does not exist
   * @throws Query.Wrong the request is wrong
   * @throws IOException it cannot be had now, with the reason
   */
  String json(Query query) throws NotThere, Query.Wrong, IOException;

  /** What is asked for does not exist. */
  final class NotThere extends Exception {
    public NotThere(String message) {
      super(message);
    }
  }
}
