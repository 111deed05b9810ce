package dev.weir.sidecar.client;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request of our own whose answer is taken whole. Methods are for any thread; the listener is
 * called on the client's event loop.
 */
public final class WholeRequest {
  /** Told once; after {@link #cancel} perhaps not at all. */
  public interface Listener {
    void onAnswer(int status, byte[] body);

    void onFailed(String reason);
  }

  /** The largest answer that is taken. */
  private static final int MAX_ANSWER = 64 << 20;

  private static final int MAX_REQUEST = 16 << 20;

  private final AsyncClient client;
  private final Listener listener;
  private final Answer answer = new Answer();
  private @Nullable AsyncStream stream;
  private boolean over;

  private WholeRequest(AsyncClient client, Listener listener) {
    this.client = client;
    this.listener = listener;
  }

  /**
   * Begins a request and returns at once.
   *
   * @param timeout until the answer's end; zero is no limit
   */
  public static WholeRequest post(
      AsyncClient client,
      String cluster,
      String path,
      String contentType,
      byte[] body,
      Duration timeout,
      Listener listener) {
    return post(
        client,
        cluster,
        Headers.request("POST", cluster, path),
        contentType,
        body,
        timeout,
        listener);
  }

  /**
   * As above.
   *
   * @param head method, authority and path, and what fields there are; taken over
   */
  public static WholeRequest post(
      AsyncClient client,
      String cluster,
      Headers head,
      String contentType,
      byte[] body,
      Duration timeout,
      Listener listener) {
    WholeRequest request = new WholeRequest(client, listener);
    head.add(HeaderName.CONTENT_TYPE, contentType);
    head.add(HeaderName.CONTENT_LENGTH, String.valueOf(body.length));
    head.add(HeaderName.USER_AGENT, "weir");
    request.onLoop(() -> request.start(cluster, head, body, timeout));
    return request;
  }

  /** As {@link #post}, without a body. */
  public static WholeRequest get(
      AsyncClient client,
      String cluster,
      String authority,
      String path,
      Duration timeout,
      Listener listener) {
    WholeRequest request = new WholeRequest(client, listener);
    Headers head = Headers.request("GET", authority, path);
    head.add(HeaderName.USER_AGENT, "weir");
    request.onLoop(() -> request.start(cluster, head, new byte[0], timeout));
    return request;
  }

  private void onLoop(Runnable task) {
    client.loop().eventLoop().execute(task);
  }

  private void start(String cluster, Headers request, byte[] body, Duration timeout) {
    if (over) {
      return;
    }
    AsyncStream started =
        client.start(
            cluster,
            Protocol.HTTP1,
            request,
            body.length == 0,
            new AsyncClient.Options(timeout, 2, MAX_REQUEST),
            answer);
    if (!over) {
      stream = started;
    }
    if (!over && body.length > 0) {
      started.sendData(Unpooled.wrappedBuffer(body), true);
    }
  }

  public void cancel() {
    onLoop(() -> {
      over = true;
      giveUp();
    });
  }

  private void giveUp() {
    AsyncStream current = stream;
    if (current != null) {
      stream = null;
      current.cancel();
    }
  }

  private void end(Runnable tell) {
    if (!over) {
      over = true;
      tell.run();
    }
  }

  private final class Answer implements StreamDecoder {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status;

    @Override
    public void informational(Headers headers) {}

    @Override
    public void headers(Headers headers, boolean endStream) {
      status = headers.status();
      if (endStream) {
        whole();
      }
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      int length = data.readableBytes();
      if (!over && body.size() + (long) length > MAX_ANSWER) {
        end(() -> listener.onFailed("the answer has more than " + MAX_ANSWER + " bytes"));
        giveUp();
      }
      if (!over) {
        byte[] part = new byte[length];
        data.readBytes(part);
        body.writeBytes(part);
      }
      data.release();
      if (endStream) {
        whole();
      }
    }

    @Override
    public void trailers(Headers trailers) {
      whole();
    }

    private void whole() {
      end(() -> listener.onAnswer(status, body.toByteArray()));
    }

    @Override
    public void reset(ResetReason reason, String details) {
      end(() -> listener.onFailed(details));
    }

    @Override
    public void writable(boolean writable) {}
  }
}
