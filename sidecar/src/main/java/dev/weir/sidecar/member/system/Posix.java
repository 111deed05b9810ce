package dev.weir.sidecar.member.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of the system's C library that are called from here, by their names. Their numbers
 * are Linux's, the same on each of its machines that a JDK 25 runs on. Any thread.
 */
@SuppressWarnings("restricted") // that is what it is for
public final class Posix {
  static final int O_RDWR = 2;
  static final int O_NOCTTY = 0400;
  public static final int O_CLOEXEC = 02000000;
  static final short POSIX_SPAWN_SETSIGDEF = 0x04;
  static final short POSIX_SPAWN_SETSIGMASK = 0x08;
  static final short POSIX_SPAWN_SETSID = 0x80;
  static final int TCSANOW = 0;
  static final int TCSADRAIN = 1;
  static final int TIOCGWINSZ = 0x5413;
  static final int TIOCSWINSZ = 0x5414;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY = LINKER.defaultLookup();

  private static final MethodHandle KILL = function("kill", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle OPEN =
      variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle READ =
      function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE =
      function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WAITPID =
      function("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle GETPPID = function("getppid", JAVA_INT);

  private Posix() {}

  /** The process that started this one, or whoever has taken it over since. */
  public static int parent() {
    return (int) call(() -> (int) GETPPID.invokeExact());
  }

  public static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LIBRARY.findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }

  static MethodHandle functionOfNothing(String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.ofVoid(parameters));
  }

  /**
   * @param fixed how many parameters come before those that may be left out
   */
  static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LIBRARY.findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        Linker.Option.firstVariadicArg(fixed));
  }

  /** To the process, or to the whole of the process group {@code -pid}; who is gone is not told. */
  public static void kill(int pid, Sign sign) {
    int _ = (int) call(() -> (int) KILL.invokeExact(pid, sign.number()));
  }

  public static int open(MemorySegment path, int flags) {
    return (int) call(() -> (int) OPEN.invokeExact(path, flags, 0));
  }

  public static void close(int descriptor) {
    int _ = (int) call(() -> (int) CLOSE.invokeExact(descriptor));
  }

  /** Answers less than 1 at the end, and when it is none to read from. */
  static int read(int descriptor, MemorySegment bytes) {
    return (int) call(() -> (long) READ.invokeExact(descriptor, bytes, bytes.byteSize()));
  }

  static int write(int descriptor, MemorySegment bytes) {
    return (int) call(() -> (long) WRITE.invokeExact(descriptor, bytes, bytes.byteSize()));
  }

  /** Waits; answers less than 1 if it is no child of this process. */
  public static int waitpid(int pid, MemorySegment status) {
    return (int) call(() -> (int) WAITPID.invokeExact(pid, status, 0));
  }

  /** A call of a function that answers a number. */
  public interface Call {
    long run() throws Throwable;
  }

  public static long call(Call call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // no function of C's throws
    }
  }
}
