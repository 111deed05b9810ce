package dev.weir.sidecar.authz;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;

/** Texts of HTTP, a character a byte, as protobuf has them: UTF-8. */
public final class Texts {
  private Texts() {}

  /** What is no UTF-8 becomes {@code !}, as in Envoy. */
  public static String ofWire(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return utf8(text.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return text;
  }

  static String utf8(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\ufffd') < 0 ? text : text.replace('\ufffd', '!');
  }

  static ByteString rawOfWire(String text) {
    return UnsafeByteOperations.unsafeWrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String toWire(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      }
    }
    return text;
  }

  static String toWire(ByteString raw) {
    return raw.toString(StandardCharsets.ISO_8859_1);
  }
}
