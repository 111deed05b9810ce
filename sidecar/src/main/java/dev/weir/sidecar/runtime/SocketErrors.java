package dev.weir.sidecar.runtime;

/** What a socket's exception says of its peer. */
public final class SocketErrors {
  private SocketErrors() {}

  /** ECONNRESET or EPIPE: the peer has closed the connection with bytes that it had not read. */
  public static boolean isReset(Throwable cause) {
    String words = String.valueOf(cause.getMessage());
    return words.contains("Connection reset") || words.contains("Broken pipe");
  }
}
