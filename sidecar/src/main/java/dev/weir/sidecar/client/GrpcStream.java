package dev.weir.sidecar.client;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bidirectional gRPC call of our own, messages as bytes.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 *
 * <p>Methods are for any thread. The listener is called on the client's event loop.
 */
public final class GrpcStream {
  /** Who is told. */
  public interface Listener {
    void onMessage(byte[] message);

    /** The end, once: the gRPC status and its message. */
    void onClosed(int status, String message);
  }

  private static final int CANCELLED = 1;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int PREFIX = 5;

  /** The largest message that is taken. */
  private static final int MAX_MESSAGE = 64 << 20;

  private final AsyncClient client;
  private final Listener listener;
  private final Response response = new Response();
  private @Nullable AsyncStream stream;
  private boolean closed;
  private int demand;

  /** Sent when the peer can take it; null for none. */
  private @Nullable Next next;

  private record Next(byte[] message, Runnable sent) {}

  private GrpcStream(AsyncClient client, Listener listener) {
    this.client = client;
    this.listener = listener;
  }

  /** Begins a call and returns at once; what fails is told to the listener. */
  public static GrpcStream open(
      AsyncClient client, String cluster, String authority, String path, Listener listener) {
    return open(client, cluster, authority, path, Map.of(), listener);
  }

  /**
   * @param metadata that is sent first, by names in lower case
   */
  public static GrpcStream open(
      AsyncClient client,
      String cluster,
      String authority,
      String path,
      Map<String, String> metadata,
      Listener listener) {
    GrpcStream call = new GrpcStream(client, listener);
    call.onLoop(() -> call.start(cluster, authority, path, metadata));
    return call;
  }

  private void onLoop(Runnable task) {
    client.loop().eventLoop().execute(task);
  }

  private void start(String cluster, String authority, String path, Map<String, String> metadata) {
    Headers request = Headers.request("POST", authority, path);
    request.add(HeaderName.TE, "trailers");
    request.add(HeaderName.CONTENT_TYPE, "application/grpc");
    request.add(HeaderName.USER_AGENT, "weir");
    metadata.forEach((name, value) -> request.add(name, value));
    AsyncStream started =
        client.start(cluster, Protocol.HTTP2, request, false, AsyncClient.Options.STREAM, response);
    if (!closed) {
      stream = started;
      started.readDisable(demand == 0);
      sendNext();
    }
  }

  /** Sends one message. */
  public void send(byte[] message) {
    onLoop(() -> {
      AsyncStream current = stream;
      if (current != null && !closed) {
        current.sendData(frame(message), false);
      }
    });
  }

  private static ByteBuf frame(byte[] message) {
    ByteBuf frame = Unpooled.buffer(PREFIX + message.length);
    return frame.writeByte(0).writeInt(message.length).writeBytes(message);
  }

  /**
   * Sends one message, unless the peer has yet to take what was sent before.
   *
   * @param told whether it was sent; on the client's event loop
   */
  public void offer(byte[] message, Consumer<Boolean> told) {
    onLoop(() -> {
      AsyncStream current = stream;
      if (current != null && !closed && current.writable()) {
        current.sendData(frame(message), false);
        told.accept(true);
      } else {
        told.accept(false);
      }
    });
  }

  /**
   * Sends one message when the peer can take it, however long that is; none may wait already.
   *
   * @param sent told on the client's event loop; not at all if the call ends before
   */
  public void sendInTurn(byte[] message, Runnable sent) {
    onLoop(() -> {
      next = new Next(message, sent);
      sendNext();
    });
  }

  private void sendNext() {
    AsyncStream current = stream;
    Next waiting = next;
    if (waiting != null && current != null && !closed && current.writable()) {
      next = null;
      current.sendData(frame(waiting.message()), false);
      waiting.sent().run();
    }
  }

  /** No message follows. */
  public void endRequest() {
    onLoop(() -> {
      AsyncStream current = stream;
      if (current != null && !closed) {
        current.sendData(Unpooled.EMPTY_BUFFER, true);
      }
    });
  }

  /** Lets that many more messages be delivered; none is without. */
  public void request(int messages) {
    onLoop(() -> {
      demand += messages;
      response.deliver();
    });
  }

  /** Ends the call; the listener is told. */
  public void cancel(String why) {
    onLoop(() -> close(CANCELLED, why));
  }

  /** Also where the server has ended its half: ours is open until it is reset. */
  private void close(int status, String message) {
    if (!closed) {
      closed = true;
      if (stream != null) {
        stream.cancel();
      }
      response.release();
      listener.onClosed(status, message);
    }
  }

  private final class Response implements StreamDecoder {
    private @Nullable ByteBuf collected;
    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
    private @Nullable Runnable end;

    @Override
    public void headers(Headers headers, boolean endStream) {
      if (headers.has(HeaderName.GRPC_STATUS) || endStream) {
        status(headers);
      } else if (headers.status() != 200) {
        close(GrpcEnd.ofHttp(headers.status()), "HTTP status " + headers.status());
      }
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      if (!closed) {
        collect(data);
      }
      data.release();
      if (endStream && !closed) {
        end = () -> close(GrpcEnd.INTERNAL, "the stream ended without a status");
      }
      deliver();
    }

    /**
     * Takes whole messages out of what there is, and keeps what begins the next: in a copy, for
     * read buffers are not kept, that has room for all of it, so that its parts are copied once.
     */
    private void collect(ByteBuf data) {
      ByteBuf all = collected == null ? data : collected.writeBytes(data);
      cut(all);
      if (closed) {
        return;
      }
      if (all == data || all.readerIndex() > 0) {
        ByteBuf rest = all.isReadable() ? Unpooled.copiedBuffer(all) : null;
        drop();
        collected = rest;
      }
      ByteBuf begun = collected;
      if (begun != null && begun.readableBytes() >= PREFIX) {
        long whole = PREFIX + begun.getUnsignedInt(begun.readerIndex() + 1);
        begun.ensureWritable((int) whole - begun.readableBytes());
      }
    }

    /** Takes whole messages out of {@code all}; one that is refused closes the call. */
    private void cut(ByteBuf all) {
      while (all.readableBytes() >= PREFIX) {
        boolean compressed = all.getByte(all.readerIndex()) != 0;
        long length = all.getUnsignedInt(all.readerIndex() + 1);
        if (compressed || length > MAX_MESSAGE) {
          close(
              compressed ? GrpcEnd.INTERNAL : RESOURCE_EXHAUSTED,
              compressed
                  ? "a compressed message, though none was asked for"
                  : "a message of " + length + " bytes, more than " + MAX_MESSAGE);
          return;
        }
        if (all.readableBytes() < PREFIX + length) {
          break;
        }
        byte[] message = new byte[(int) length];
        all.skipBytes(PREFIX).readBytes(message);
        messages.add(message);
      }
    }

    void deliver() {
      while (demand > 0 && !messages.isEmpty() && !closed) {
        demand--;
        listener.onMessage(messages.poll());
      }
      if (closed) {
        return;
      }
      if (end != null && messages.isEmpty()) {
        end.run();
      } else if (stream != null) {
        stream.readDisable(demand == 0);
      }
    }

    @Override
    public void trailers(Headers trailers) {
      status(trailers);
    }

    private void status(Headers headers) {
      int code = GrpcEnd.status(headers);
      String message = GrpcEnd.message(headers);
      end = () -> close(code, message);
      deliver();
    }

    @Override
    public void informational(Headers headers) {}

    @Override
    public void reset(ResetReason reason, String details) {
      if (end == null) { // else the server has said how it ended, and messages wait before that
        end = () -> close(GrpcEnd.UNAVAILABLE, details);
      }
      deliver();
    }

    @Override
    public void writable(boolean writable) {
      sendNext();
    }

    void release() {
      messages.clear();
      drop();
    }

    private void drop() {
      ByteBuf rest = collected;
      if (rest != null) {
        collected = null;
        rest.release();
      }
    }
  }
}
