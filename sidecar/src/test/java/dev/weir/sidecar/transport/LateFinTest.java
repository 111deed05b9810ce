package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A FIN that comes in the midst of a handshake, with steps and loop run by hand. */
class LateFinTest {
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
  private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final List<String> seen = new ArrayList<>();
  private final LateFin fin = new LateFin(steps::add, loop::add);

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private EmbeddedChannel channel;

  @BeforeEach
  void open() {
    channel =
        new EmbeddedChannel(
            fin,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                seen.add("FIN");
              }
            });
  }

  @AfterEach
  void close() {
    channel.close();
  }

  private void endInput() {
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
  }

  private void step(String name) {
    fin.execute(() -> loop.add(() -> seen.add(name)));
  }

  @Test
  void finIsToldAtOnceWhereNoStepIsUnderWay() {
    endInput();
    assertEquals(List.of("FIN"), seen);
  }

  @Test
  void finWaitsUntilTheLoopHasGoneOnWithTheStep() {
    step("went on");
    endInput();
    steps.remove().run();
    assertEquals(List.of(), seen);
    loop.remove().run();
    assertEquals(List.of("went on"), seen);
    loop.remove().run();
    assertEquals(List.of("went on", "FIN"), seen);
  }

  /** The loop is late: it hears of the first step's end when the second has ended, too. */
  @Test
  void finWaitsForAStepThatFollowsFromTheOneBefore() {
    fin.execute(() -> loop.add(() -> step("second")));
    endInput();
    Runnable first = steps.remove();
    first.run();
    loop.remove().run(); // begins the second
    steps.remove().run();
    while (!loop.isEmpty()) {
      loop.remove().run();
    }
    assertEquals(List.of("second", "FIN"), seen);
  }
}
