package dev.weir.sidecar;

import java.util.Arrays;

/** The programs of the sidecar's image, by its first word: there is no shell in it. */
public final class Commands {
  private static final int WRONG = 2;

  private Commands() {}

  public static void main(String[] words) {
    String command = words.length == 0 ? "" : words[0];
    String[] rest = words.length == 0 ? words : Arrays.copyOfRange(words, 1, words.length);
    switch (command) {
      case "sidecar" -> Main.main(rest);
      case "pod" -> dev.weir.sidecar.pod.Main.main(rest);
      case "cni" -> dev.weir.sidecar.cni.Main.main(rest);
      case "intercept" -> dev.weir.sidecar.intercept.Main.main(rest);
      default -> {
        System.err.println(
            "weir: \"" + command + "\" is not a command; these are: sidecar, pod, intercept, cni");
        System.exit(WRONG);
      }
    }
  }
}
