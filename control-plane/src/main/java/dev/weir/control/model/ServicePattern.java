package dev.weir.control.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Some services, as people name them: {@code shop/cart}, {@code shop/*} for all of a namespace,
 * {@code ./*} for all of one's own, and {@code *}{@code /*} for all there are.
 *
 * @param namespace a name, {@link #OWN} or {@link #ANY}
 * @param name a name or {@link #ANY}
 */
public record ServicePattern(String namespace, String name) {
  public static final String OWN = ".";
  public static final String ANY = "*";

  /** How one is written. */
  public static final String PATTERN =
      "^([.]|[a-z0-9]([-a-z0-9]*[a-z0-9])?)/([*]|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$|^[*]/[*]$";

  static final String MESSAGE =
      "services are named namespace/name, namespace/*, ./* (the own namespace) or */* (all)";

  private static final Pattern WRITTEN = Pattern.compile(PATTERN);

  /** All services of one's own namespace. */
  public static final List<ServicePattern> OWN_NAMESPACE = List.of(new ServicePattern(OWN, ANY));

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static ServicePattern of(String written) {
    if (!WRITTEN.matcher(written).matches()) {
      throw new IllegalArgumentException("\"" + written + "\": " + MESSAGE);
    }
    int slash = written.indexOf('/');
    return new ServicePattern(written.substring(0, slash), written.substring(slash + 1));
  }

  /** Whether these are all services there are. */
  public boolean isEverything() {
    return namespace.equals(ANY);
  }

  /** The namespace that is meant by those who are in {@code own}. */
  public String namespaceFor(String own) {
    return namespace.equals(OWN) ? own : namespace;
  }
}
