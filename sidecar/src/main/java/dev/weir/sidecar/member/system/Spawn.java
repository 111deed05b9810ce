package dev.weir.sidecar.member.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Starts a process in a session of its own. Java's own way would not say what it was ended by, nor
 * give it a terminal, and leaves a signal blocked in it.
 */
public final class Spawn {
  /** More than the attributes and the actions take in any C library. */
  private static final int STRUCT_BYTES = 1024;

  /** Signals are numbered from 1 on. */
  private static final int SIGNAL_SET_BYTES = 128;

  private static final long INTERRUPT_AND_QUIT = 1L << (2 - 1) | 1L << (3 - 1);
  private static final int FIRST_OF_NOBODY = 3;

  private static final MethodHandle ATTRIBUTES =
      Posix.function("posix_spawnattr_init", JAVA_INT, ADDRESS);
  private static final MethodHandle FLAGS =
      Posix.function("posix_spawnattr_setflags", JAVA_INT, ADDRESS, JAVA_SHORT);
  private static final MethodHandle DEFAULT_SIGNALS =
      Posix.function("posix_spawnattr_setsigdefault", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle BLOCKED_SIGNALS =
      Posix.function("posix_spawnattr_setsigmask", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS =
      Posix.function("posix_spawn_file_actions_init", JAVA_INT, ADDRESS);
  private static final MethodHandle ADD_OPEN =
      Posix.function(
          "posix_spawn_file_actions_addopen",
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_INT);
  private static final MethodHandle ADD_DUP =
      Posix.function("posix_spawn_file_actions_adddup2", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ADD_CLOSE =
      Posix.function("posix_spawn_file_actions_addclose", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle FREE_ACTIONS =
      Posix.function("posix_spawn_file_actions_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle SPAWN =
      Posix.function(
          "posix_spawnp", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private Spawn() {}

  /** Loads the class, which takes its time. */
  public static void prepare() {}

  /**
   * With this process's descriptors 0, 1 and 2, or the terminal's, and no other ones.
   *
   * @param command words of bytes, a character each
   * @param environment the same, as {@code NAME=VALUE}
   * @param terminal the file of the terminal that is to be the process's
   * @return its process id, which is its session's and process group's
   */
  public static int start(List<String> command, List<String> environment, Optional<Path> terminal)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pid = arena.allocate(JAVA_INT);
      MemorySegment actions = actions(arena, terminal);
      MemorySegment attributes = attributes(arena);
      MemorySegment words = strings(arena, command);
      MemorySegment variables = strings(arena, environment);
      long error =
          Posix.call(() ->
              (int)
                  SPAWN.invokeExact(
                      pid, words.get(ADDRESS, 0), actions, attributes, words, variables));
      Posix.call(() -> (int) FREE_ACTIONS.invokeExact(actions));
      if (error != 0) {
        throw new IOException(command.getFirst() + " cannot be started: error " + error);
      }
      return pid.get(JAVA_INT, 0);
    }
  }

  private static MemorySegment attributes(Arena arena) {
    MemorySegment attributes = arena.allocate(STRUCT_BYTES, Long.BYTES);
    MemorySegment reset = arena.allocate(SIGNAL_SET_BYTES, Long.BYTES);
    reset.set(JAVA_LONG, 0, INTERRUPT_AND_QUIT);
    MemorySegment none = arena.allocate(SIGNAL_SET_BYTES, Long.BYTES);
    short flags =
        Posix.POSIX_SPAWN_SETSID | Posix.POSIX_SPAWN_SETSIGDEF | Posix.POSIX_SPAWN_SETSIGMASK;
    Posix.call(() -> (int) ATTRIBUTES.invokeExact(attributes));
    Posix.call(() -> (int) FLAGS.invokeExact(attributes, flags));
    Posix.call(() -> (int) DEFAULT_SIGNALS.invokeExact(attributes, reset));
    Posix.call(() -> (int) BLOCKED_SIGNALS.invokeExact(attributes, none));
    return attributes;
  }

  /** The first terminal that a session's leader opens is the session's. */
  private static MemorySegment actions(Arena arena, Optional<Path> terminal) throws IOException {
    MemorySegment actions = arena.allocate(STRUCT_BYTES, Long.BYTES);
    Posix.call(() -> (int) ACTIONS.invokeExact(actions));
    if (terminal.isPresent()) {
      MemorySegment path = arena.allocateFrom(terminal.get().toString());
      Posix.call(() -> (int) ADD_OPEN.invokeExact(actions, 0, path, Posix.O_RDWR, 0));
      Posix.call(() -> (int) ADD_DUP.invokeExact(actions, 0, 1));
      Posix.call(() -> (int) ADD_DUP.invokeExact(actions, 0, 2));
    }
    for (int descriptor : othersThanStandard()) {
      Posix.call(() -> (int) ADD_CLOSE.invokeExact(actions, descriptor));
    }
    return actions;
  }

  /** Closing one that is closed by then does no harm. */
  private static List<Integer> othersThanStandard() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      int last =
          descriptors
              .mapToInt(path -> Integer.parseInt(path.getFileName().toString()))
              .max()
              .orElse(0);
      return IntStream.rangeClosed(FIRST_OF_NOBODY, last).boxed().toList();
    }
  }

  /** An array of C's, which a null ends. */
  private static MemorySegment strings(SegmentAllocator arena, List<String> strings) {
    MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1L);
    for (int index = 0; index < strings.size(); index++) {
      array.setAtIndex(
          ADDRESS, index, arena.allocateFrom(strings.get(index), StandardCharsets.ISO_8859_1));
    }
    return array;
  }
}
