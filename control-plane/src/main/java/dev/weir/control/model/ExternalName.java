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

  public ExternalName {
    name = name.toLowerCase(Locale.ROOT);
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** What requests to its {@code port} have as their host. */
  public String host(int port) {
    return port == HTTP ? name : name + ":" + port;
  }
}
