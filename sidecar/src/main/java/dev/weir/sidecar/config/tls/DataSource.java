package dev.weir.sidecar.config.tls;

import java.util.Arrays;

/** {@code config.core.v3.DataSource}. What is inline is never shown: it may be a key. */
public sealed interface DataSource {
  /** Gives what stands in place of a source. */
  interface Change {
    /**
     * @param field that the source is at, as written
     */
    DataSource of(String field, DataSource source);
  }

  record File(String path) implements DataSource {}

  final class Inline implements DataSource {
    private final byte[] bytes;

    public Inline(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Inline inline && Arrays.equals(bytes, inline.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "Inline[" + bytes.length + " bytes]";
    }
  }
}
