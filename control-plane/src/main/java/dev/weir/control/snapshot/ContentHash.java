package dev.weir.control.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names content by its hash, of 64 bits, so that the same content has the same version after a
 * restart.
 */
final class ContentHash {
  private ContentHash() {}

  /** The bytes of a message, the same ones each time. */
  static ByteString bytes(Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getSerializedSize());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }

  static String of(ByteString bytes) {
    MessageDigest digest = digest();
    digest.update(bytes.asReadOnlyByteBuffer());
    return text(first(digest));
  }

  static long of(String name, String version) {
    MessageDigest digest = digest();
    digest.update((name + "\n" + version).getBytes(StandardCharsets.UTF_8));
    return first(digest);
  }

  static String text(long hash) {
    return HexFormat.of().toHexDigits(hash);
  }

  private static long first(MessageDigest digest) {
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
