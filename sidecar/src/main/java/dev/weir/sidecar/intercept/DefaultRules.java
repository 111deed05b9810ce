package dev.weir.sidecar.intercept;

import java.util.List;

/** The rules for a sidecar whose ports, mark and family are the usual ones. */
public final class DefaultRules {
  private DefaultRules() {}

  /** A script for {@code nft -f}. */
  public static String script() {
    Redirect.Exclusions none = new Redirect.Exclusions(List.of(), List.of());
    return RuleScript.write(
        new Redirect(
            new Redirect.Ports(15001, 15006, 15000), 1337, Redirect.Family.ipv4, none, none));
  }
}
