package dev.weir.sidecar.testkit;

import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.NettyLogging;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;

/**
 * Fails a test in which the program met a mistake of its own, or an event loop waited. In force for
 * all.
 */
public final class IncidentGuard implements AfterEachCallback, AfterAllCallback {
  private static final Queue<String> SEEN = new ConcurrentLinkedQueue<>();

  static {
    // Other libraries of the tests log by Netty's too: theirs are not ours.
    BlockHound.install(watch ->
        watch
            // These take a lock for a moment: Netty's allocator when many loops, as of several
            // sidecars in one test, first ask it at once; the control thread's queue when a message
            // of the control plane is handed over, which are few.
            .allowBlockingCallsInside(
                "io.netty.buffer.AdaptivePoolingAllocator$MagazineGroup", "tryExpandMagazines")
            // A connection that ends in the midst of a step of its handshake waits for that step,
            // which is one of the JDK's engine alone.
            .allowBlockingCallsInside("sun.security.ssl.SSLEngineImpl", "closeOutbound")
            .allowBlockingCallsInside("sun.security.ssl.SSLEngineImpl", "getSession")
            .allowBlockingCallsInside("dev.weir.sidecar.xds.ControlThread", "schedule")
            .nonBlockingThreadPredicate(none -> thread -> thread.getName().startsWith("loop-"))
            .blockingMethodCallback(method -> SEEN.add(waited(method))));
    NettyLogging.to((message, cause) -> SEEN.add(message + (cause == null ? "" : ": " + cause)));
  }

  private static String waited(BlockingMethod method) {
    StringBuilder text = new StringBuilder("an event loop waited in ").append(method);
    StackWalker.getInstance().forEach(frame -> text.append("\n\tat ").append(frame));
    return text.toString();
  }

  /** For parts that a test makes by itself. */
  public static Incidents incidents() {
    return new Incidents(SEEN::add, () -> {}, Clock.SYSTEM);
  }

  static void add(String incident) {
    SEEN.add(incident);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  private static void check() {
    List<String> seen = new ArrayList<>();
    for (String each = SEEN.poll(); each != null; each = SEEN.poll()) {
      seen.add(each);
    }
    if (!seen.isEmpty()) {
      throw new AssertionError(String.join("\n", seen));
    }
  }
}
