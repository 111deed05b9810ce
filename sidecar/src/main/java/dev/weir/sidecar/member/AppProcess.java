package dev.weir.sidecar.member;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.weir.sidecar.member.system.Posix;
import dev.weir.sidecar.member.system.Sign;
import dev.weir.sidecar.member.system.Spawn;
import dev.weir.sidecar.member.system.User;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A member's app, in a session of its own, so that it gets each signal once, as do the processes
 * that it starts. What it reads and writes is this process's own, or a terminal's. Any thread.
 */
final class AppProcess implements Running {
  private final int pid;
  private boolean ended;

  private AppProcess(int pid) {
    this.pid = pid;
  }

  /**
   * Ends with the thread that starts it.
   *
   * @param command words of bytes, a character each
   * @param environment the same, as {@code NAME=VALUE}
   * @param ended takes the end, on a thread of its own
   */
  static AppProcess start(
      List<String> command,
      List<String> environment,
      User user,
      Optional<Path> terminal,
      Consumer<Ending> ended)
      throws IOException {
    List<String> words = new ArrayList<>(user.become());
    words.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    words.addAll(command);
    AppProcess app = new AppProcess(Spawn.start(words, environment, terminal));
    Thread.ofPlatform().daemon().name("app").start(() -> ended.accept(app.await()));
    return app;
  }

  private Ending await() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      int waited = Posix.waitpid(pid, status);
      synchronized (this) {
        ended = true;
      }
      if (waited != pid) {
        throw new IllegalStateException("the app's end was another's: " + waited);
      }
      return new Ending(status.get(JAVA_INT, 0));
    }
  }

  @Override
  public synchronized boolean running() {
    return !ended;
  }

  @Override
  public synchronized void tell(Sign sign) {
    if (!ended) {
      Posix.kill(-pid, sign);
    }
  }
}
