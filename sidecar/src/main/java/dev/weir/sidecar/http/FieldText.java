package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;

/** Texts of heads, in which a character is a byte, as those who show or send them have them. */
public final class FieldText {
  private FieldText() {}

  /** What the bytes of {@code text} say in UTF-8; what is none becomes {@code !}, as in Envoy. */
  public static String decoded(String text) {
    return isAscii(text) ? text : decoded(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The same of bytes. */
  public static String decoded(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\ufffd') < 0 ? text : text.replace('\ufffd', '!');
  }

  /** Of any text what stands in a head: the bytes of its UTF-8, a character each. */
  public static String encoded(String text) {
    return isAscii(text)
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }
}
