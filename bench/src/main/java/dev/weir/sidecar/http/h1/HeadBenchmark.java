package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A browser's request head: parsed, and written out again with one field added. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class HeadBenchmark {
  private static final String HEAD =
      "GET /api/v1/items?page=2 HTTP/1.1\r\nHost: inventory:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,application/json;q=0.9\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en-GB\r\nCookie: session=0123456789abcdef\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nConnection: keep-alive\r\n\r\n";

  private Loops loops;
  private HeadParser parser;
  private ByteBuf bytes;
  private ByteBuf out;
  private Headers parsed;

  @Setup
  public void setUp() {
    loops =
        new Loops(
            1,
            false,
            Clock.SYSTEM,
            new SplittableRandom(1),
            new Incidents(System.err::println, () -> {}, Clock.SYSTEM));
    Loop loop = loops.get(0);
    parser = new HeadParser(loop, HeadParser.Kind.REQUEST, 60 << 10, 100, false);
    bytes = Unpooled.directBuffer().writeBytes(HEAD.getBytes(StandardCharsets.US_ASCII));
    out = Unpooled.directBuffer(4096);
    parsed = parse();
  }

  @TearDown
  public void tearDown() {
    bytes.release();
    out.release();
    loops.close();
  }

  @Benchmark
  public Headers parse() {
    bytes.readerIndex(0);
    parser.reset();
    if (parser.parse(bytes) != HeadParser.Progress.DONE) {
      throw new IllegalStateException();
    }
    return parser.headers();
  }

  @Benchmark
  public int encode() {
    Headers.Mark mark = parsed.mark();
    parsed.add(HeaderName.X_ENVOY_ATTEMPT_COUNT, 1);
    out.clear();
    HeadEncoder.requestLine(out, parsed);
    HeadEncoder.fields(out, parsed);
    parsed.rewind(mark);
    return out.readableBytes();
  }
}
