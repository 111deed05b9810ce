package dev.weir.sidecar.admin;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerStream;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request, answered by what its head asks for. Event loop of the connection. */
final class AdminStream implements ServerStream {
  private final Function<Headers, ServerStream> kinds;
  private @Nullable ServerStream answering;

  /**
   * @param kinds what answers, by the head
   */
  AdminStream(Function<Headers, ServerStream> kinds) {
    this.kinds = kinds;
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    ServerStream chosen = kinds.apply(headers);
    answering = chosen;
    chosen.headers(headers, endStream);
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (answering == null) {
      data.release();
    } else {
      answering.data(data, endStream);
    }
  }

  @Override
  public void trailers(Headers trailers) {
    if (answering != null) {
      answering.trailers(trailers);
    }
  }

  @Override
  public void informational(Headers headers) {}

  @Override
  public void reset(ResetReason reason, String details) {
    if (answering != null) {
      answering.reset(reason, details);
    }
  }

  @Override
  public void malformed(int status, String details) {
    if (answering != null) {
      answering.malformed(status, details);
    }
  }

  @Override
  public void writable(boolean writable) {
    if (answering != null) {
      answering.writable(writable);
    }
  }

  @Override
  public long deadline(long now) {
    return answering == null ? Long.MAX_VALUE : answering.deadline(now);
  }
}
