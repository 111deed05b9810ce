package dev.weir.protos.honoured;

/** A field that is set and not honoured; {@code path} goes into Any as if it were not there. */
public record Unhonoured(String path, String reason) {
  @Override
  public String toString() {
    return path + ": " + reason;
  }
}
