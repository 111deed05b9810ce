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

  /** Of a mesh of ours: names with dots between. */
  private static final Pattern NAMES =
      Pattern.compile(
          "(?=.{1,253}$)NAME(\\.NAME)*".replace("NAME", "[a-z0-9]([a-z0-9_-]*[a-z0-9])?"));

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

  /**
   * What a mesh may be called.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static String ownTrustDomain(String text) {
    if (!NAMES.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no trust domain, as cluster.local: names of lower case letters, digits, dashes"
              + " and underscores, with dots between");
    }
    return text;
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
