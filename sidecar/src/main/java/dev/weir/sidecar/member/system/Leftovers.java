package dev.weir.sidecar.member.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an app has started and left: it is in the member's network namespace. */
public final class Leftovers {
  /** What is started while others are ended is found at the next look. */
  private static final int LOOKS = 5;

  private Leftovers() {}

  /** Ends them all but this process. */
  public static void kill() {
    boolean some = true;
    for (int look = 0; some && look < LOOKS; look++) {
      some =
          ProcessHandle.allProcesses()
                  .filter(process -> process.pid() != ProcessHandle.current().pid())
                  .filter(Leftovers::inHere)
                  .peek(process -> Posix.kill((int) process.pid(), Sign.KILL))
                  .count()
              > 0;
    }
  }

  private static boolean inHere(ProcessHandle process) {
    try {
      return namespace(Long.toString(process.pid())).equals(namespace("self"));
    } catch (IOException e) {
      return false; // it is another user's, or gone
    }
  }

  private static Path namespace(String process) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc", process, "ns", "net"));
  }
}
