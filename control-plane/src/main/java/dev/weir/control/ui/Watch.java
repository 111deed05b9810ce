package dev.weir.control.ui;

import java.io.IOException;
import java.util.List;

/** Requests as they end. Any thread, which it may block. */
public interface Watch {
  /** Begins to watch what {@code query} asks for. */
  Look begin(Query query) throws Query.Wrong, IOException;

  /** One who watches. */
  interface Look {
    /**
     * Waits up to about half a second.
     *
     * @return the requests that ended since the look before, as JSON each
     */
    List<String> next() throws IOException;
  }
}
