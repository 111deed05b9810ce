package dev.weir.sidecar.client;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.pool.Pending;
import dev.weir.sidecar.pool.StreamCallbacks;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One request of our own. Event loop of the client. */
public final class AsyncStream implements StreamCallbacks, StreamDecoder {
  private final StreamDecoder decoder;
  private final Headers request;
  private final boolean headersOnly;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private boolean waitingEnd;
  private @Nullable Pending pending;
  private @Nullable StreamEncoder encoder;
  private boolean over;

  AsyncStream(StreamDecoder decoder, Headers request, boolean headersOnly) {
    this.decoder = decoder;
    this.request = request;
    this.headersOnly = headersOnly;
  }

  void pending(@Nullable Pending value) {
    if (encoder == null && !over) {
      pending = value;
    }
  }

  @Override
  public void ready(StreamEncoder readyEncoder, Protocol protocol) {
    pending = null;
    encoder = readyEncoder;
    readyEncoder.headers(request, headersOnly);
    while (!waiting.isEmpty() && !over) {
      ByteBuf data = waiting.poll();
      readyEncoder.data(data, waitingEnd && waiting.isEmpty());
    }
  }

  @Override
  public void failed(ResetReason reason, String details) {
    reset(reason, details);
  }

  /**
   * Sends a part of the body; takes {@code data} over. What is sent before the connection is there
   * waits, as much as the caller sends.
   */
  public void sendData(ByteBuf data, boolean endStream) {
    StreamEncoder current = encoder;
    if (over) {
      data.release();
    } else if (current == null) {
      waiting.add(data);
      waitingEnd |= endStream;
    } else {
      current.data(data, endStream);
    }
  }

  public void readDisable(boolean disable) {
    StreamEncoder current = encoder;
    if (current != null && !over) {
      current.readDisable(disable);
    }
  }

  /** Gives the request up; the decoder hears nothing more. */
  public void cancel() {
    if (over) {
      return;
    }
    over();
    Pending waitingFor = pending;
    if (waitingFor != null) {
      waitingFor.cancel();
    }
    StreamEncoder current = encoder;
    if (current != null) {
      current.reset(ResetReason.LOCAL_RESET);
    }
  }

  // ---- the response, to the decoder unless given up

  @Override
  public void informational(Headers headers) {
    if (!over) {
      decoder.informational(headers);
    }
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    if (!over) {
      decoder.headers(headers, endStream);
    }
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
    } else {
      decoder.data(data, endStream);
    }
  }

  @Override
  public void trailers(Headers trailers) {
    if (!over) {
      decoder.trailers(trailers);
    }
  }

  @Override
  public void reset(ResetReason reason, String details) {
    if (!over) {
      over();
      decoder.reset(reason, details);
    }
  }

  @Override
  public void writable(boolean writable) {
    if (!over) {
      decoder.writable(writable);
    }
  }

  private void over() {
    over = true;
    waiting.forEach(ByteBuf::release);
    waiting.clear();
  }
}
