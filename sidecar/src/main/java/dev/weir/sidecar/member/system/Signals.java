package dev.weir.sidecar.member.system;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * The signals that this process gets. The JDK's own class for it is asked by name: the compiler
 * warns of whoever names it, and of that warning nobody can tell it that it is known.
 */
public final class Signals {
  private Signals() {}

  /** One that was ignored when this process was started still is. */
  public static void to(Consumer<Sign> told) {
    for (Sign sign : List.of(Sign.HUP, Sign.INT, Sign.TERM)) {
      handle(sign.name(), () -> told.accept(sign));
    }
  }

  /**
   * From now on the signal does nothing else.
   *
   * @param name without SIG
   * @param handler runs on a thread of its own, each time
   */
  public static void handle(String name, Runnable handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> answer(self, method, arguments, handler));
      Object known = signal.getConstructor(String.class).newInstance(name);
      signal.getMethod("handle", signal, type).invoke(null, known, proxy);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(name + " cannot be handled", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no module jdk.unsupported", e);
    }
  }

  private static Object answer(Object self, Method method, Object[] arguments, Runnable handler) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == arguments[0];
      case "toString" -> "a handler of signals";
      default -> {
        handler.run();
        yield 0; // of a method that answers nothing, not looked at
      }
    };
  }
}
