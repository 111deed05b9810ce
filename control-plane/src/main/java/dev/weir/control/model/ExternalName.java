package dev.weir.control.model;

import java.util.Locale;

/**
 * Where a Service of type ExternalName leads: out of the mesh, to what DNS has for the name.
 *
 * @param name in lower case, without a dot at its end
 * @param routeBackend whether routes may name the Service as a backend
 */
public record ExternalName(String name, boolean routeBackend) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  public ExternalName {
    name = name.toLowerCase(Locale.ROOT);
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /**
   * What requests to its {@code port} have as their host.
   *
   * @param tls whether they are sent by TLS
   */
  public String host(int port, boolean tls) {
    return port == (tls ? HTTPS : HTTP) ? name : name + ":" + port;
  }
}
