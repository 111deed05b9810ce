package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two HTTP/1.1 codecs back to back, without sockets: requests go in at one end, what would
 * travel upstream is caught at the other, and answered with 204 unless the test says what with.
 */
final class CodecHarness {
  /**
   * @param forwarded what went upstream, complete requests only
   * @param statuses of all answers, 1xx left out
   * @param leaked bytes of buffers that nobody released
   */
  record Outcome(List<String> forwarded, List<Integer> statuses, boolean closed, long leaked) {}

  /** Bytes of a head, at most. Small, so that a head too large can be cut at each of its bytes. */
  static final int MAX_HEAD = 2 << 10;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([2-5]\\d\\d) ");
  private static final HttpConnectionManager MANAGER =
      TestConfig.to(1).manager("max_request_headers_kb: 2").manager();

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private final List<String> forwarded = new ArrayList<>();
  private final StringBuilder forwarding = new StringBuilder();
  private final EmbeddedChannel upstream;
  private final Http1ClientConnection client;
  private final EmbeddedChannel downstream;

  private final Consumer<Headers> onRequest;
  private final Consumer<Headers> onResponse;
  private final String answer;

  private CodecHarness(Consumer<Headers> onRequest, Consumer<Headers> onResponse, String answer) {
    this.onRequest = onRequest;
    this.onResponse = onResponse;
    this.answer = answer;
    upstream = channel();
    client = new Http1ClientConnection(TestLoops.of(1, upstream.eventLoop()), 100, new NoPool());
    upstream.pipeline().addLast(client);
    downstream = channel();
    downstream
        .pipeline()
        .addLast(
            new Http1ServerConnection(
                TestLoops.of(0, downstream.eventLoop()),
                MANAGER,
                TrafficDirection.INBOUND,
                new Destination(downstream.localAddress(), false),
                new Streams()));
  }

  private EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(allocator);
    return channel;
  }

  /** Sends {@code parts}, Latin-1, each in a read of its own, to a new connection. */
  static Outcome send(String... parts) {
    return new CodecHarness(head -> {}, head -> {}, "HTTP/1.1 204 No Content\r\n\r\n").sent(parts);
  }

  /** The same, with what becomes of heads between the codecs, and the answer to each request. */
  static Outcome send(
      Consumer<Headers> onRequest, Consumer<Headers> onResponse, String answer, String... parts) {
    return new CodecHarness(onRequest, onResponse, answer).sent(parts);
  }

  private Outcome sent(String... parts) {
    for (String part : parts) {
      if (downstream.isOpen() && !part.isEmpty()) {
        byte[] bytes = part.getBytes(StandardCharsets.ISO_8859_1);
        downstream.writeInbound(allocator.buffer(bytes.length).writeBytes(bytes));
      }
    }
    return end();
  }

  private Outcome end() {
    List<Integer> statuses = new ArrayList<>();
    Matcher status = STATUS.matcher(text(downstream));
    while (status.find()) {
      statuses.add(Integer.parseInt(status.group(1)));
    }
    boolean closed = !downstream.isOpen();
    downstream.close();
    upstream.close();
    text(downstream);
    text(upstream);
    return new Outcome(
        forwarded,
        statuses,
        closed,
        allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory());
  }

  private static String text(EmbeddedChannel from) {
    StringBuilder text = new StringBuilder();
    for (ByteBuf part = from.readOutbound(); part != null; part = from.readOutbound()) {
      text.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    return text.toString();
  }

  private void answer() {
    upstream.writeInbound(
        allocator.buffer().writeBytes(answer.getBytes(StandardCharsets.US_ASCII)));
  }

  private void sent(boolean end) {
    upstream.runPendingTasks();
    forwarding.append(text(upstream));
    if (end && upstream.isOpen()) {
      forwarded.add(forwarding.toString());
      forwarding.setLength(0);
      answer();
    }
  }

  private final class Streams implements ServerConnection.Owner {
    @Override
    public ServerStream newStream(ServerConnection connection, StreamEncoder encoder) {
      return new Forwarding(encoder);
    }

    @Override
    public void malformed(ServerConnection connection, int status, String details) {}

    @Override
    public void closed(ServerConnection connection) {}
  }

  private final class Forwarding implements ServerStream, StreamDecoder {
    private final StreamEncoder back;
    private final StreamEncoder onwards;

    Forwarding(StreamEncoder back) {
      this.back = back;
      this.onwards =
          client.newStream(
              new StreamDecoder() {
                @Override
                public void informational(Headers headers) {}

                @Override
                public void headers(Headers headers, boolean endStream) {
                  onResponse.accept(headers);
                  Forwarding.this.back.headers(headers, endStream);
                }

                @Override
                public void data(ByteBuf data, boolean endStream) {
                  Forwarding.this.back.data(data, endStream);
                }

                @Override
                public void trailers(Headers trailers) {
                  Forwarding.this.back.trailers(trailers);
                }

                @Override
                public void reset(ResetReason reason, String details) {}

                @Override
                public void writable(boolean writable) {}
              });
    }

    @Override
    public void headers(Headers headers, boolean endStream) {
      onRequest.accept(headers);
      onwards.headers(headers, endStream);
      sent(endStream);
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      onwards.data(data, endStream);
      sent(endStream);
    }

    @Override
    public void trailers(Headers trailers) {
      onwards.trailers(trailers);
      sent(true);
    }

    @Override
    public void reset(ResetReason reason, String details) {
      onwards.reset(ResetReason.LOCAL_RESET);
    }

    @Override
    public void malformed(int status, String details) {
      onwards.reset(ResetReason.LOCAL_RESET);
    }

    @Override
    public void informational(Headers headers) {}

    @Override
    public void writable(boolean writable) {}

    @Override
    public long deadline(long now) {
      return Long.MAX_VALUE;
    }
  }

  private static final class NoPool implements Http1ClientConnection.Owner {
    @Override
    public void idle(Http1ClientConnection connection) {}

    @Override
    public void closed(Http1ClientConnection connection) {}

    @Override
    public void evicted(Http1ClientConnection connection) {}
  }
}
