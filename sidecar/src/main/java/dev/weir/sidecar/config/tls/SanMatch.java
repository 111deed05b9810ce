package dev.weir.sidecar.config.tls;

import dev.weir.sidecar.config.route.StringMatch;

/** {@code SubjectAltNameMatcher}. */
public record SanMatch(Type type, StringMatch match) {
  public enum Type {
    DNS,
    URI,
    EMAIL,
    IP_ADDRESS
  }
}
