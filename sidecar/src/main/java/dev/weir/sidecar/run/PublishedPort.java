package dev.weir.sidecar.run;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port of an app that is reached from outside of the mesh.
 *
 * @param listen where
 * @param app the app's port
 */
public record PublishedPort(InetSocketAddress listen, int app) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?:\\[([0-9a-fA-F:.]+)\\]|([0-9]+(?:\\.[0-9]+){3})):)?([0-9]{1,5})(?::([0-9]{1,5}))?");

  /**
   * {@code [IP:]PORT[:APP_PORT]}; an IPv6 address is in brackets.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static PublishedPort parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not [IP:]PORT[:APP_PORT], as 8080 or 0.0.0.0:80:8080");
    }
    String address = form.group(1) != null ? form.group(1) : form.group(2);
    int port = port(form.group(3));
    return new PublishedPort(
        new InetSocketAddress(
            address == null ? InetAddress.ofLiteral("127.0.0.1") : InetAddress.ofLiteral(address),
            port),
        form.group(4) == null ? port : port(form.group(4)));
  }

  private static int port(String digits) {
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(digits + " is not a port, from 1 to 65535");
    }
    return port;
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    String address = listen.getAddress().getHostAddress();
    return (address.contains(":") ? "[" + address + "]" : address)
        + ":"
        + listen.getPort()
        + ":"
        + app;
  }
}
