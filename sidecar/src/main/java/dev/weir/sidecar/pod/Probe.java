package dev.weir.sidecar.pod;

/**
 * A probe of the app, as the injector found it in the pod: the kubelet asks the sidecar, which asks
 * the app and nothing else of it.
 *
 * <p>Written as {@code http:8080:/healthz=app/readiness}: the scheme (http or https), the app's
 * port, the path there, and the name under which the sidecar is asked; or {@code grpc:9000=15100}:
 * the app's port, and the sidecar's.
 */
sealed interface Probe {
  /**
   * @param path as it is asked for at the app, without a query
   * @param name the path at the sidecar is {@code /probe/} and this
   */
  record Http(boolean tls, int port, String path, String name) implements Probe {}

  /**
   * By gRPC's health protocol, whose path nobody chooses.
   *
   * @param at the sidecar's port
   */
  record Grpc(int port, int at) implements Probe {}

  /** Throws IllegalArgumentException for what is none, with what is wrong. */
  static Probe parse(String text) {
    int name = text.lastIndexOf('=');
    String[] parts = name < 0 ? new String[0] : text.substring(0, name).split(":", 3);
    if (parts.length == 3
        && (parts[0].equals("http") || parts[0].equals("https"))
        && parts[2].startsWith("/")) {
      return new Http(parts[0].equals("https"), port(parts[1]), parts[2], text.substring(name + 1));
    }
    if (parts.length == 2 && parts[0].equals("grpc")) {
      return new Grpc(port(parts[1]), port(text.substring(name + 1)));
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is no probe, as http:8080:/healthz=app/readiness or grpc:9000=15100");
  }

  private static int port(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65535) {
      throw new IllegalArgumentException("\"" + text + "\" is not a port, from 1 to 65535");
    }
    return Integer.parseInt(text);
  }
}
