package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class SeldomLoggedTest {
  private long now;
  private final SeldomLogged filter = new SeldomLogged(() -> now);

  private static LogRecord entry(String logger, Throwable thrown) {
    LogRecord entry = new LogRecord(Level.WARNING, "it failed");
    entry.setLoggerName(logger);
    entry.setSourceMethodName("read");
    entry.setThrown(thrown);
    return entry;
  }

  private boolean logs(String logger, Throwable thrown) {
    return filter.isLoggable(entry(logger, thrown));
  }

  @Test
  void ofOnePlaceAndOneKindOfFailureTheFirstIsLogged() {
    assertTrue(logs("io.grpc", new IOException("stream 1")));
    assertFalse(logs("io.grpc", new IOException("stream 3")));
    assertTrue(logs("io.netty", new IOException("stream 1")));
    assertTrue(logs("io.grpc", new IllegalStateException("stream 1")));
    assertTrue(logs("io.grpc", new IOException(new IllegalStateException("of ours"))));
  }

  @Test
  void aMinuteLaterItIsLoggedWithTheNumberOfOthers() {
    logs("io.grpc", new IOException("1"));
    logs("io.grpc", new IOException("2"));
    logs("io.grpc", new IOException("3"));
    now += Duration.ofMinutes(1).toNanos();

    LogRecord next = entry("io.grpc", new IOException("4"));

    assertTrue(filter.isLoggable(next));
    assertEquals("it failed (and 2 like it a while ago)", next.getMessage());
  }

  @Test
  void kindsWithoutAnEndAreBounded() {
    int logged = 0;
    for (int i = 0; i < 1000; i++) {
      logged += logs("logger " + i, new IOException("1")) ? 1 : 0;
    }
    assertEquals(50, logged);
  }
}
