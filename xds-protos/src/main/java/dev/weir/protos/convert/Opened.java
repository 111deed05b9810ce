package dev.weir.protos.convert;

import com.google.protobuf.Message;

/** What an Any holds. */
public sealed interface Opened {
  record Content(Message message) implements Opened {}

  /** {@code field} is the path within the Any; empty for the Any itself. */
  record Refused(String field, String reason) implements Opened {}
}
