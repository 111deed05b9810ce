package dev.weir.control.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/** Names content by its hash, so that the same content has the same version after a restart. */
final class ContentHash {
  /** 64 bits, as hex. */
  private static final int BYTES = 8;

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
    return hex(digest);
  }

  static String of(Collection<Versioned> resources) {
    MessageDigest digest = digest();
    for (Versioned resource : resources) {
      digest.update(
          (resource.name() + "\n" + resource.version() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
