package dev.weir.control.ui;

import java.io.IOException;

/** Tells requests as they end. */
record Tapped(Watch watch) implements EventStream.Source {
  @Override
  public void tell(Query query, EventStream.Listener to) throws Query.Wrong, IOException {
    Watch.Look look = watch.begin(query);
    while (true) {
      for (String request : look.next()) {
        to.event("request", request);
      }
      to.alive(); // also how it is seen that nobody listens any more
    }
  }
}
