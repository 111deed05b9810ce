package dev.weir.sidecar.runtime;

import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What Netty has to say, without a logging library. Its warnings and errors are mistakes of the
 * program, a task that threw or a buffer that leaked, and go where those go, to {@link Incidents}.
 * The rest, what peers did wrong above all, is said by our own statistics and logs, and is dropped
 * before it is formatted.
 */
public final class NettyLogging extends InternalLoggerFactory {
  /** What these say is a name server's doing, or lack; whoever asked is told. */
  private static final String OF_NAME_SERVERS = "io.netty.resolver.dns.";

  private final BiConsumer<String, @Nullable Throwable> sink;

  private NettyLogging(BiConsumer<String, @Nullable Throwable> sink) {
    this.sink = sink;
  }

  /**
   * In force for the whole process, and for classes of Netty that are loaded from now on.
   *
   * @param sink takes a message and what caused it, on any thread
   */
  public static void to(BiConsumer<String, @Nullable Throwable> sink) {
    InternalLoggerFactory.setDefaultFactory(new NettyLogging(sink));
  }

  @Override
  protected InternalLogger newInstance(String name) {
    return new Logger(name, name.startsWith(OF_NAME_SERVERS) ? (message, cause) -> {} : sink);
  }

  private static final class Logger extends AbstractInternalLogger {
    private static final long serialVersionUID = 1;

    private final transient BiConsumer<String, @Nullable Throwable> sink;

    Logger(String name, BiConsumer<String, @Nullable Throwable> sink) {
      super(name);
      this.sink = sink;
    }

    private void say(String format, @Nullable Object... arguments) {
      Throwable cause = null;
      StringBuilder text = new StringBuilder(name()).append(": ");
      int from = 0;
      for (Object argument : arguments) {
        int at = format.indexOf("{}", from);
        if (at >= 0) {
          text.append(format, from, at).append(argument);
          from = at + 2;
        } else if (argument instanceof Throwable thrown) {
          cause = thrown;
        }
      }
      sink.accept(text.append(format.substring(from)).toString(), cause);
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return false;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    public boolean isEnabled(InternalLogLevel level) {
      return level.compareTo(InternalLogLevel.WARN) >= 0;
    }

    @Override
    public void warn(String message) {
      say(message);
    }

    @Override
    public void warn(String format, @Nullable Object argument) {
      say(format, argument);
    }

    @Override
    public void warn(String format, @Nullable Object first, @Nullable Object second) {
      say(format, first, second);
    }

    @Override
    public void warn(String format, @Nullable Object... arguments) {
      say(format, arguments);
    }

    @Override
    public void warn(String message, @Nullable Throwable cause) {
      say(message, cause);
    }

    @Override
    public void error(String message) {
      say(message);
    }

    @Override
    public void error(String format, @Nullable Object argument) {
      say(format, argument);
    }

    @Override
    public void error(String format, @Nullable Object first, @Nullable Object second) {
      say(format, first, second);
    }

    @Override
    public void error(String format, @Nullable Object... arguments) {
      say(format, arguments);
    }

    @Override
    public void error(String message, @Nullable Throwable cause) {
      say(message, cause);
    }

    // ---- below warnings nothing is said

    @Override
    public void trace(String message) {}

    @Override
    public void trace(String format, @Nullable Object argument) {}

    @Override
    public void trace(String format, @Nullable Object first, @Nullable Object second) {}

    @Override
    public void trace(String format, @Nullable Object... arguments) {}

    @Override
    public void trace(String message, @Nullable Throwable cause) {}

    @Override
    public void debug(String message) {}

    @Override
    public void debug(String format, @Nullable Object argument) {}

    @Override
    public void debug(String format, @Nullable Object first, @Nullable Object second) {}

    @Override
    public void debug(String format, @Nullable Object... arguments) {}

    @Override
    public void debug(String message, @Nullable Throwable cause) {}

    @Override
    public void info(String message) {}

    @Override
    public void info(String format, @Nullable Object argument) {}

    @Override
    public void info(String format, @Nullable Object first, @Nullable Object second) {}

    @Override
    public void info(String format, @Nullable Object... arguments) {}

    @Override
    public void info(String message, @Nullable Throwable cause) {}
  }
}
