package dev.weir.sidecar.testkit;

import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.channel.EventLoop;
import java.util.SplittableRandom;

/** Event loops for parts that a test makes by itself; what goes wrong on them fails the test. */
public final class TestLoops {
  private TestLoops() {}

  public static Loops of(int count) {
    return new Loops(
        count, false, Clock.SYSTEM, new SplittableRandom(1), IncidentGuard.incidents());
  }

  public static Loop of(int index, EventLoop eventLoop) {
    return new Loop(
        index, eventLoop, Clock.SYSTEM, new SplittableRandom(1), IncidentGuard.incidents());
  }
}
