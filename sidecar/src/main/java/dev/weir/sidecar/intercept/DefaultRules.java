package dev.weir.sidecar.intercept;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The rules for a sidecar whose ports, mark and family are the usual ones. */
public final class DefaultRules {
  private DefaultRules() {}

  /** Puts them in force in this network namespace; answers what is wrong. */
  public static Optional<String> apply() throws IOException, InterruptedException {
    return new Nft("nft", Optional.empty()).apply(script());
  }

  /** A script for {@code nft -f}. */
  static String script() {
    Redirect.Exclusions none = new Redirect.Exclusions(List.of(), List.of());
    return RuleScript.write(
        new Redirect(
            new Redirect.Ports(15001, 15006, 15000),
            new Redirect.Mark(1337),
            Redirect.Family.ipv4,
            none,
            none));
  }
}
