package dev.weir.sidecar.member;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program that a member of {@code weir run} is. */
public final class Main {
  private Main() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return Arguments.program()
        .run(
            words,
            out,
            err,
            values -> {
              Arguments arguments = Arguments.of(values);
              return new Member(arguments, new Output(out, err, arguments.name(), terminal(2)), err)
                  .run();
            });
  }

  private static boolean terminal(int descriptor) {
    try {
      String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return file.startsWith("/dev/pts/")
          || file.startsWith("/dev/tty")
          || file.endsWith("/console");
    } catch (IOException e) {
      return false; // it is closed
    }
  }
}
