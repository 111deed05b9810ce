package dev.weir.sidecar.intercept;

import java.io.IOException;
import java.util.Optional;

/** Other tables of this network namespace than the redirect rules. */
public final class Tables {
  private Tables() {}

  /** Puts a whole script for nft in force, or nothing of it; answers what is wrong. */
  public static Optional<String> apply(String script) throws IOException, InterruptedException {
    return new Nft("nft", Optional.empty()).apply(script);
  }

  /**
   * What {@code nft list} says of something.
   *
   * @throws IOException if it says that there is no such thing
   */
  public static String list(String what) throws IOException, InterruptedException {
    return new Nft("nft", Optional.empty()).list(what);
  }
}
