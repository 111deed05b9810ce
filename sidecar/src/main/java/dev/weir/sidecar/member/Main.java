package dev.weir.sidecar.member;

import java.io.PrintStream;

/** The program that a member of {@code weir run} is. */
public final class Main {
  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program()
        .run(words, out, err, values -> new Member(Arguments.of(values), err).run());
  }
}
