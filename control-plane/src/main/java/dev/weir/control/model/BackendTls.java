package dev.weir.control.model;

import java.util.List;

/**
 * TLS that callers' sidecars speak where a Service leads out of the mesh; the app calls it in plain
 * text.
 *
 * @param policy the BackendTLSPolicy that says so
 * @param target what of that policy's is meant
 * @param hostname the server's name that is sent (SNI)
 * @param names the server's certificate must have one of them; never empty
 */
public record BackendTls(
    ObjectName policy, Policy.Target target, String hostname, Trust trust, List<Name> names) {
  public BackendTls {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a server by any name");
    }
  }

  /** Who may have issued the server's certificate. */
  public sealed interface Trust {}

  /** Whom the system trusts that a sidecar runs on. */
  public record SystemRoots() implements Trust {}

  /**
   * These.
   *
   * @param maps the ConfigMaps that they are from
   * @param pem one at least
   */
  public record Certificates(List<ObjectName> maps, String pem) implements Trust {
    public Certificates {
      maps = List.copyOf(maps);
    }
  }

  /** Nobody: every connection fails. */
  public record Nobody() implements Trust {}

  /** A name in a certificate. */
  public sealed interface Name {}

  /** In DNS; {@code *.example.com} is any name below. */
  public record DnsName(String name) implements Name {}

  public record Uri(String uri) implements Name {}
}
