package dev.weir.sidecar.pool;

import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request that asks a pool for a stream, and goes out whole once it has one. */
final class PooledRequest implements StreamDecoder, StreamCallbacks {
  private final boolean upgrade;
  private final CompletableFuture<Protocol> stream = new CompletableFuture<>();
  private final CompletableFuture<String> end = new CompletableFuture<>();
  private @Nullable Pending pending;
  private int status;

  PooledRequest(boolean upgrade) {
    this.upgrade = upgrade;
  }

  /** What the pool gave. Event loop, as {@link #cancel}. */
  void pending(@Nullable Pending given) {
    pending = given;
  }

  void cancel() {
    if (pending == null) {
      throw new AssertionError("the pool gave nothing to cancel");
    }
    pending.cancel();
  }

  /** Neither has it a stream, nor has it failed. */
  boolean waits() {
    return !stream.isDone();
  }

  boolean hasEnded() {
    return end.isDone();
  }

  /** Waits for a stream; says of which protocol. */
  Protocol protocol() throws Exception {
    return stream.get(5, TimeUnit.SECONDS);
  }

  /** Waits for the end: the response's status, or what went wrong and its details. */
  String end() throws Exception {
    return end.get(5, TimeUnit.SECONDS);
  }

  @Override
  public boolean upgrade() {
    return upgrade;
  }

  @Override
  public void ready(StreamEncoder encoder, ClientConnection connection) {
    Headers request = Headers.request("GET", "app", "/");
    if (upgrade) {
      request.add(HeaderName.UPGRADE, "websocket");
    }
    encoder.headers(request, true);
    stream.complete(connection.protocol());
  }

  @Override
  public void failed(ResetReason reason, String details) {
    String failure = reason + " " + details;
    stream.completeExceptionally(new AssertionError(failure));
    end.complete(failure);
  }

  @Override
  public void informational(Headers headers) {}

  @Override
  public void headers(Headers headers, boolean endStream) {
    status = headers.status();
    ended(endStream);
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    data.release();
    ended(endStream);
  }

  @Override
  public void trailers(Headers trailers) {
    ended(true);
  }

  private void ended(boolean endStream) {
    if (endStream) {
      end.complete(String.valueOf(status));
    }
  }

  @Override
  public void reset(ResetReason reason, String details) {
    end.complete(reason + " " + details);
  }

  @Override
  public void writable(boolean writable) {}
}
