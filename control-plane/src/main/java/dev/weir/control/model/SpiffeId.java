package dev.weir.control.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a workload is, as Istio writes it: {@code spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT}.
 * https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md
 */
public record SpiffeId(String trustDomain, String namespace, String account) {
  private static final Pattern DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
  private static final Pattern SEGMENT = Pattern.compile("[a-zA-Z0-9._-]{1,253}");
  private static final Pattern ID = Pattern.compile("spiffe://([^/]*)/ns/([^/]*)/sa/([^/]*)");

  public SpiffeId {
    if (!isTrustDomain(trustDomain)) {
      throw new IllegalArgumentException("\"" + trustDomain + "\" is not a trust domain");
    }
    if (!isSegment(namespace) || !isSegment(account)) {
      throw new IllegalArgumentException(
          "\"" + namespace + "/" + account + "\" is not a namespace and an account");
    }
  }

  /** Empty for what is none. */
  public static Optional<SpiffeId> parse(String text) {
    Matcher parts = ID.matcher(text);
    return parts.matches()
            && isTrustDomain(parts.group(1))
            && isSegment(parts.group(2))
            && isSegment(parts.group(3))
        ? Optional.of(new SpiffeId(parts.group(1), parts.group(2), parts.group(3)))
        : Optional.empty();
  }

  public static boolean isTrustDomain(String text) {
    return DOMAIN.matcher(text).matches();
  }

  private static boolean isSegment(String text) {
    return SEGMENT.matcher(text).matches() && !text.equals(".") && !text.equals("..");
  }

  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + account;
  }
}
