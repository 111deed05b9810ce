package dev.weir.sidecar.member;

import java.util.Optional;

/** How a process ended: what waitpid says. */
record Ending(int waitStatus) {
  private static final int SIGNAL_BITS = 0x7f;
  private static final int CORE_BIT = 0x80;
  private static final int INT = 2;
  private static final int PIPE = 13;
  private static final int OF_A_SIGNAL = 128;

  private static final String[] NAMES = {
    "",
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS"
  };

  /** As a shell would have it. */
  int status() {
    int signal = waitStatus & SIGNAL_BITS;
    return signal == 0 ? waitStatus >> 8 & 0xff : OF_A_SIGNAL + signal;
  }

  /**
   * The name of the signal that ended it, unless it is one by which programs end when all is well:
   * nobody reads any more, or Ctrl-C was pressed.
   */
  Optional<String> unexpected() {
    int signal = waitStatus & SIGNAL_BITS;
    if (signal == 0 || signal == INT || signal == PIPE) {
      return Optional.empty();
    }
    String name = signal < NAMES.length ? NAMES[signal] : "signal " + signal;
    return Optional.of((waitStatus & CORE_BIT) == 0 ? name : name + ", core dumped");
  }
}
