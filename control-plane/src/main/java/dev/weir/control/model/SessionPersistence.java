package dev.weir.control.model;

import java.time.Duration;
import java.util.Optional;

/**
 * Who has come to an instance comes to it again, as long as it can be called (GEP-1619).
 *
 * @param sessionName of the cookie, or of the header
 * @param absoluteTimeout how long a permanent cookie holds; absent: as long as the client likes
 */
public record SessionPersistence(
    Type type, String sessionName, Optional<Duration> absoluteTimeout) {
  /** Where the client keeps it. */
  public enum Type {
    COOKIE,
    HEADER
  }
}
