package dev.weir.sidecar.client;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call of gRPC with one message each way, within a time and without leaving the client's loop.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
public final class UnaryCall {
  /** Told once, on the loop, perhaps before {@link #start} returns; not after {@link #cancel}. */
  public interface Listener {
    void onAnswer(byte[] message);

    /** There is no answer: the status of gRPC, and what is known. */
    void onFailed(int status, String message);
  }

  private static final int PREFIX = 5;
  private static final int OTHER_HOSTS = 2;
  private static final int DEADLINE_EXCEEDED = 4;
  private static final int RESOURCE_EXHAUSTED = 8;

  private final Listener listener;
  private final AsyncClient client;
  private final long deadline;
  private final int mostAnswer;
  private final Answer answer = new Answer();
  private @Nullable AsyncStream stream;
  private boolean over;

  private UnaryCall(AsyncClient client, Duration timeout, int mostAnswer, Listener listener) {
    this.client = client;
    this.deadline = client.loop().nanoTime() + timeout.toNanos();
    this.mostAnswer = mostAnswer;
    this.listener = listener;
  }

  /**
   * Makes the call. On the client's loop.
   *
   * @param head the method's path and authority, with what metadata there is; taken over
   * @param timeout above zero
   * @param mostAnswer bytes of the answer; over it the call fails
   */
  public static UnaryCall start(
      AsyncClient client,
      String cluster,
      Headers head,
      byte[] message,
      Duration timeout,
      int mostAnswer,
      Listener listener) {
    UnaryCall call = new UnaryCall(client, timeout, mostAnswer, listener);
    head.add(HeaderName.TE, "trailers");
    head.add(HeaderName.CONTENT_TYPE, "application/grpc");
    head.add(HeaderName.USER_AGENT, "weir");
    head.add(HeaderName.GRPC_TIMEOUT, timeoutValue(timeout));
    call.start(cluster, head, message, timeout);
    return call;
  }

  /** At most eight digits. */
  private static String timeoutValue(Duration timeout) {
    long millis = Math.max(1, timeout.toMillis());
    return millis < 100_000_000 ? millis + "m" : Math.min(99_999_999, millis / 1000) + "S";
  }

  private void start(String cluster, Headers head, byte[] message, Duration timeout) {
    AsyncStream started =
        client.start(
            cluster,
            Protocol.HTTP2,
            head,
            false,
            new AsyncClient.Options(timeout, OTHER_HOSTS, PREFIX + message.length),
            answer);
    if (over) {
      return;
    }
    stream = started;
    ByteBuf prefix = Unpooled.buffer(PREFIX, PREFIX).writeByte(0).writeInt(message.length);
    started.sendData(Unpooled.wrappedBuffer(prefix, Unpooled.wrappedBuffer(message)), true);
  }

  /** Gives the call up; a server that has it is told. */
  public void cancel() {
    over = true;
    AsyncStream current = stream;
    if (current != null) {
      current.cancel();
    }
    answer.release();
  }

  private void fail(int status, String message) {
    if (!over) {
      cancel();
      listener.onFailed(status, message);
    }
  }

  private final class Answer implements StreamDecoder {
    private @Nullable ByteBuf collected;

    @Override
    public void informational(Headers headers) {}

    @Override
    public void headers(Headers headers, boolean endStream) {
      if (headers.has(HeaderName.GRPC_STATUS) || endStream) {
        ended(headers);
      } else if (headers.status() != 200) {
        fail(GrpcEnd.ofHttp(headers.status()), "HTTP status " + headers.status());
      }
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      if (!over) {
        collect(data);
      }
      data.release();
      if (endStream) {
        fail(GrpcEnd.INTERNAL, "the stream ended without a status");
      }
    }

    private void collect(ByteBuf data) {
      ByteBuf all = collected;
      int length = data.readableBytes() + (all == null ? 0 : all.readableBytes());
      if (length > PREFIX + mostAnswer) {
        fail(RESOURCE_EXHAUSTED, "an answer of more than " + mostAnswer + " bytes");
        return;
      }
      if (all == null) {
        all = Unpooled.buffer(length);
        collected = all;
      }
      all.writeBytes(data);
    }

    @Override
    public void trailers(Headers trailers) {
      ended(trailers);
    }

    private void ended(Headers last) {
      int status = GrpcEnd.status(last);
      byte[] message = status == 0 && !over ? message() : null;
      if (status != 0) {
        fail(status, GrpcEnd.message(last));
      } else if (message == null) {
        fail(GrpcEnd.INTERNAL, "it ended well without one whole message");
      } else if (!over) {
        over = true;
        release();
        listener.onAnswer(message);
      }
    }

    /** Null where there is not exactly one. */
    private byte @Nullable [] message() {
      ByteBuf all = collected;
      if (all == null
          || all.readableBytes() < PREFIX
          || all.getByte(all.readerIndex()) != 0
          || all.getUnsignedInt(all.readerIndex() + 1) != all.readableBytes() - PREFIX) {
        return null;
      }
      byte[] message = new byte[all.readableBytes() - PREFIX];
      all.skipBytes(PREFIX).readBytes(message);
      return message;
    }

    @Override
    public void reset(ResetReason reason, String details) {
      boolean late = client.loop().nanoTime() - deadline >= 0;
      fail(late ? DEADLINE_EXCEEDED : GrpcEnd.UNAVAILABLE, details);
    }

    @Override
    public void writable(boolean writable) {}

    void release() {
      ByteBuf all = collected;
      if (all != null) {
        collected = null;
        all.release();
      }
    }
  }
}
