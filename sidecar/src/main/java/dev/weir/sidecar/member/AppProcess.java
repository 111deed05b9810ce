package dev.weir.sidecar.member;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A member's app, in a session of its own, so that it gets each signal once, as do the processes
 * that it starts.
 */
final class AppProcess implements Running {
  private final Process process;

  private AppProcess(Process process) {
    this.process = process;
  }

  /** Ends with the thread that starts it. */
  static AppProcess start(List<String> command, User user) throws IOException {
    List<String> words = new ArrayList<>(List.of("setsid"));
    words.addAll(user.become());
    words.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    words.addAll(List.of("env", "--default-signal=INT,QUIT", "--"));
    words.addAll(command);
    return new AppProcess(
        new ProcessBuilder(words).redirectInput(ProcessBuilder.Redirect.INHERIT).start());
  }

  Process process() {
    return process;
  }

  @Override
  public boolean running() {
    return process.isAlive();
  }

  @Override
  public void tell(Sign sign) {
    if (running()) {
      Posix.kill((int) -process.pid(), sign);
    }
  }
}
