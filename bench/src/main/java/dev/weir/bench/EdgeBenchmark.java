package dev.weir.bench;

import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.telemetry.edge.Workload;
import io.netty.channel.DefaultEventLoop;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to count a stream that is over, among so many edges. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class EdgeBenchmark {
  /** The last is ten times what there is room for. */
  @Param({"1", "500", "10000"})
  private int clusters;

  private DefaultEventLoop eventLoop;
  private Loop loop;
  private Edges edges;
  private StreamInfo[] streams;
  private int next;

  @Setup
  public void setUp() {
    eventLoop = new DefaultEventLoop();
    loop =
        new Loop(
            0,
            eventLoop,
            Clock.SYSTEM,
            new SplittableRandom(1),
            new Incidents(System.err::println, () -> {}, Clock.SYSTEM));
    edges =
        new Edges(
            1,
            Edges.DEFAULT_MOST,
            new Workload("cart", "shop"),
            name -> new Target(name, "shop", 8080));
    streams = new StreamInfo[clusters];
    for (int i = 0; i < clusters; i++) {
      StreamInfo info = new StreamInfo(new BenchStream(loop));
      info.cluster = "outbound|8080|shop/service-" + i;
      info.status = 200;
      info.endNanos = info.startNanos + 1_000_000 + i * 1000L;
      streams[i] = info;
    }
  }

  @TearDown
  public void tearDown() {
    eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Benchmark
  public void ended() {
    next = next + 1 == clusters ? 0 : next + 1;
    edges.ended(streams[next], loop);
  }
}
