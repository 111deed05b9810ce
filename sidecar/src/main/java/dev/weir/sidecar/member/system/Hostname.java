package dev.weir.sidecar.member.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The name of the machine that a member is to its app. */
public final class Hostname {
  private static final MethodHandle SET =
      Posix.function("sethostname", JAVA_INT, ADDRESS, JAVA_LONG);

  private Hostname() {}

  public static void set(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(name);
      long length = bytes.byteSize() - 1;
      if (Posix.call(() -> (int) SET.invokeExact(bytes, length)) != 0) {
        throw new IOException(name + " cannot be the host's name here");
      }
    }
  }
}
