package dev.weir.sidecar.member.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The app's own terminal, joined to the one that this process has on its descriptors 0 and 1: each
 * key goes to the app, as with {@code docker run -it}, and what the app makes of Ctrl-C is up to
 * it.
 */
public final class Terminal implements AutoCloseable {
  private static final int IN = 0;
  private static final int OUT = 1;

  /** More than a termios takes. */
  private static final int TERMIOS_BYTES = 256;

  private static final int NAME_BYTES = 128;
  private static final int CHUNK_BYTES = 8192;

  private static final MethodHandle OPEN = Posix.function("posix_openpt", JAVA_INT, JAVA_INT);
  private static final MethodHandle GRANT = Posix.function("grantpt", JAVA_INT, JAVA_INT);
  private static final MethodHandle UNLOCK = Posix.function("unlockpt", JAVA_INT, JAVA_INT);
  private static final MethodHandle NAME =
      Posix.function("ptsname_r", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle GET = Posix.function("tcgetattr", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle SET =
      Posix.function("tcsetattr", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle RAW = Posix.functionOfNothing("cfmakeraw", ADDRESS);
  private static final MethodHandle CONTROL =
      Posix.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle FOREGROUND = Posix.function("tcgetpgrp", JAVA_INT, JAVA_INT);
  private static final MethodHandle GROUP =
      Posix.function("getpgrp", JAVA_INT, new MemoryLayout[0]);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment before = arena.allocate(TERMIOS_BYTES, Long.BYTES);
  private final int master;
  private final int slave;
  private final Path file;
  private final Thread out;

  private Terminal(int master) throws IOException {
    this.master = master;
    MemorySegment name = arena.allocate(NAME_BYTES);
    boolean named =
        Posix.call(() -> (int) GRANT.invokeExact(master)) == 0
            && Posix.call(() -> (int) UNLOCK.invokeExact(master)) == 0
            && Posix.call(() -> (int) NAME.invokeExact(master, name, name.byteSize())) == 0;
    if (!named) {
      throw new IOException("no terminal for the app: the system gives none");
    }
    file = Path.of(name.getString(0));
    // As long as one has it open, it does not end: the app may come and go.
    slave = Posix.open(name, Posix.O_RDWR | Posix.O_NOCTTY | Posix.O_CLOEXEC);
    resize();
    Signals.handle("WINCH", this::resize);
    raw();
    out = Thread.ofPlatform().daemon().name("terminal out").start(() -> copy(master, OUT));
    Thread.ofPlatform().daemon().name("terminal in").start(() -> copy(IN, master));
  }

  /** Whether the terminal on descriptor 0 is at this process's disposal, and not a shell's. */
  public static boolean ours() {
    return Posix.call(() -> (int) FOREGROUND.invokeExact(IN))
        == Posix.call(() -> (int) GROUP.invokeExact());
  }

  /** The terminal of this process has no say any more until {@link #close}. */
  public static Terminal open() throws IOException {
    int master =
        (int)
            Posix.call(
                () -> (int) OPEN.invokeExact(Posix.O_RDWR | Posix.O_NOCTTY | Posix.O_CLOEXEC));
    if (master < 0) {
      throw new IOException("no terminal for the app: /dev/ptmx cannot be opened");
    }
    return new Terminal(master);
  }

  /** The app's end of it. */
  public Path file() {
    return file;
  }

  private void resize() {
    try (Arena sizes = Arena.ofConfined()) {
      MemorySegment size = sizes.allocate(Long.BYTES, Long.BYTES);
      if (control(OUT, Posix.TIOCGWINSZ, size) == 0) {
        control(master, Posix.TIOCSWINSZ, size);
      }
    }
  }

  private static long control(int descriptor, long request, MemorySegment argument) {
    return Posix.call(() -> (int) CONTROL.invokeExact(descriptor, request, argument));
  }

  /** The app's terminal is as this one was; this one hands on bytes. */
  private void raw() {
    Posix.call(() -> (int) GET.invokeExact(IN, before));
    Posix.call(() -> (int) SET.invokeExact(slave, Posix.TCSANOW, before));
    MemorySegment raw = arena.allocate(TERMIOS_BYTES, Long.BYTES).copyFrom(before);
    Posix.call(() -> {
      RAW.invokeExact(raw);
      return 0;
    });
    Posix.call(() -> (int) SET.invokeExact(IN, Posix.TCSADRAIN, raw));
  }

  /** Until one of the two is gone. */
  private static void copy(int from, int to) {
    try (Arena chunks = Arena.ofConfined()) {
      MemorySegment chunk = chunks.allocate(CHUNK_BYTES);
      for (int count = Posix.read(from, chunk); count > 0; count = Posix.read(from, chunk)) {
        for (int written = 0; written < count; ) {
          int more = Posix.write(to, chunk.asSlice(written, count - written));
          if (more < 0) {
            return;
          }
          written += more;
        }
      }
    }
  }

  /** What the app and those it left have written is there, and this terminal is as it was. */
  @Override
  public void close() throws InterruptedException {
    Posix.close(slave);
    out.join();
    Posix.call(() -> (int) SET.invokeExact(IN, Posix.TCSADRAIN, before));
  }
}
