package dev.weir.control;

import java.io.IOException;
import java.net.InetSocketAddress;

/** An address that cannot be listened on; the message says why, and what to do. */
final class CannotListen extends IOException {
  private static final long serialVersionUID = 1;

  /** {@code option} is the one that names the address. */
  private CannotListen(String option, InetSocketAddress address, IOException cause) {
    super(
        option
            + ": cannot listen on "
            + address.getAddress().getHostAddress()
            + ":"
            + address.getPort()
            + ": "
            + wayOut(root(cause)));
  }

  /** What is listened with, or why it cannot be. */
  interface Opening<T> {
    T open() throws IOException;
  }

  static <T> T unless(String option, InetSocketAddress address, Opening<T> opening)
      throws CannotListen {
    try {
      return opening.open();
    } catch (IOException e) {
      throw new CannotListen(option, address, e);
    }
  }

  private static Throwable root(Throwable exception) {
    Throwable cause = exception;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String wayOut(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("Address already in use")) {
      return "the port is in use; stop what listens there, or choose another";
    }
    if (message.contains("Permission denied")) {
      return "permission denied; choose a port of 1024 or more";
    }
    if (message.contains("Cannot assign requested address")) {
      return "the address is not this machine's; choose one that is";
    }
    return message;
  }
}
