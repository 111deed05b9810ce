package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import java.util.List;
import java.util.Map;

/** What an authorization server has said of a request, or why it has said nothing. */
public sealed interface Decision {
  /**
   * The request goes on, with changes.
   *
   * @param removed names in lower case
   * @param metadata what the server has found out, as values of JSON
   */
  record Allowed(
      List<Change> request,
      List<String> removed,
      List<Change> response,
      List<Field> querySet,
      List<String> queryRemoved,
      Map<String, Object> metadata)
      implements Decision {}

  /** The request is refused, with this. */
  record Denied(int status, List<Field> headers, String body, Map<String, Object> metadata)
      implements Decision {}

  /**
   * There is no answer.
   *
   * @param timeout none in time
   * @param details in words, for the log
   */
  record Failed(boolean timeout, String details) implements Decision {}

  /** A header that is changed; {@code name} is in lower case, {@code value} ISO-8859-1. */
  record Change(How how, String name, String value) {}

  /** How a header is changed. */
  enum How {
    /** In place of those there are. */
    SET,
    /** In place of those there are, if there are any. */
    SET_IF_PRESENT,
    /** Beside those there are. */
    ADD,
    ADD_IF_ABSENT,
    /** Behind the value of the one there is; nothing if there is none. */
    APPEND
  }
}
