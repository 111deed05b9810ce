package dev.weir.sidecar.manager;

import dev.weir.sidecar.http.Cause;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * {@code grpc-status-details-bin} of a refusal: a {@code google.rpc.Status} with an {@code
 * ErrorInfo} and, if it is known when to try again, a {@code RetryInfo}. Written by hand, because
 * the request side does without protobuf.
 */
final class GrpcStatusDetails {
  private static final String DOMAIN = "weir.dev";
  private static final String TYPES = "type.googleapis.com/google.rpc.";

  private GrpcStatusDetails() {}

  /** The header's value: base64 without padding, as gRPC writes what ends in {@code -bin}. */
  static String of(int status, String message, Cause cause) {
    Message details =
        new Message().number(1, status).text(2, message).any(3, "ErrorInfo", errorInfo(cause));
    if (cause.retryAfterMillis() > 0) {
      details.any(3, "RetryInfo", new Message().message(1, duration(cause.retryAfterMillis())));
    }
    return Base64.getEncoder().withoutPadding().encodeToString(details.bytes());
  }

  private static Message errorInfo(Cause cause) {
    String reason = cause.token().replace('-', '_').toUpperCase(Locale.ROOT);
    Message info = new Message().text(1, reason).text(2, DOMAIN);
    if (!cause.policy().isEmpty()) {
      info.message(3, entry("policy", cause.policy()));
    }
    if (!cause.limit().isEmpty()) {
      info.message(3, entry("limit", cause.limit()));
    }
    return info;
  }

  private static Message entry(String key, String value) {
    return new Message().text(1, key).text(2, value);
  }

  private static Message duration(long millis) {
    return new Message().number(1, millis / 1000).number(2, millis % 1000 * 1_000_000);
  }

  /**
   * A protobuf message, field by field: https://protobuf.dev/programming-guides/encoding/. What is
   * zero or empty is left out.
   */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      if (value != 0) {
        varint((long) field << 3 | VARINT);
        varint(value);
      }
      return this;
    }

    Message text(int field, String value) {
      return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.bytes());
    }

    Message any(int field, String type, Message value) {
      return message(field, new Message().text(1, TYPES + type).message(2, value));
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private Message bytes(int field, byte[] value) {
      varint((long) field << 3 | LENGTH_DELIMITED);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    private void varint(long value) {
      long rest = value;
      while (rest > 0x7f) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
