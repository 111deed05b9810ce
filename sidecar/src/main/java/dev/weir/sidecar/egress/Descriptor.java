package dev.weir.sidecar.egress;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Descriptors, by the system's C library. Any thread. */
@SuppressWarnings("restricted") // that is what it is for
final class Descriptor {
  private static final MethodHandle DUP2 =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("dup2"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private Descriptor() {}

  /** Takes the time that the first use takes. */
  static void load() {
    int _ = dup2(0, 0);
  }

  /** What {@code number} stood for is closed, and it stands for what {@code other} does. */
  static void replace(int number, int other) throws IOException {
    if (dup2(other, number) != number) {
      throw new IOException("a socket could not be taken over");
    }
  }

  private static int dup2(int from, int to) {
    try {
      return (int) DUP2.invokeExact(from, to);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // no function of C's throws
    }
  }
}
