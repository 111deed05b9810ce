package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A downstream HTTP/2 connection, by prior knowledge. */
public final class Http2ServerConnection extends Http2Connection implements ServerConnection {
  private static final long DRAIN_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * As Envoy: of so many requests, not more than half may be reset before their response begins...
   */
  private static final int MIN_GIVEN_UP = 250;

  /**
   * ...and that soon: one that has taken its place for longer is no flood, but a client's change.
   */
  private static final long SOON_NANOS = Duration.ofMillis(10).toNanos();

  /** After so long a client knows how many streams there may be. */
  private static final long LEARNS_NANOS = Duration.ofSeconds(5).toNanos();

  private final long begunNanos;
  private final TrafficDirection direction;
  private final Destination destination;
  private final Owner owner;
  private final HeadersReader reader;
  private final StreamIds ids = new StreamIds();
  private final LazyTimer timer;
  private final LazyTimer lastGoAway;
  private final long idleNanos;

  /** How long a response that is complete may wait for the client's window; 0 is no bound. */
  private final long flushNanos;

  private boolean draining;
  private int requests;
  private int givenUp;

  private Http2ServerConnection(
      Loop loop,
      HttpConnectionManager config,
      TrafficDirection direction,
      Destination destination,
      Owner owner,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(loop, decoder, encoder, settings, config.http2());
    this.begunNanos = loop.nanoTime();
    this.direction = direction;
    this.destination = destination;
    this.owner = owner;
    this.reader = new HeadersReader(config.limits().maxHeaders());
    this.timer = new LazyTimer(loop, this::expired);
    this.lastGoAway = new LazyTimer(loop, this::refuseFurther);
    this.idleNanos = config.timeouts().idle().toNanos();
    this.flushNanos = config.timeouts().streamIdle().toNanos();
  }

  public static Http2ServerConnection create(
      Loop loop,
      HttpConnectionManager config,
      TrafficDirection direction,
      Destination destination,
      Owner owner) {
    return new Builder<Http2ServerConnection>() {
      @Override
      protected Http2ServerConnection build(
          Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        return new Http2ServerConnection(
            loop, config, direction, destination, owner, decoder, encoder, settings);
      }
    }.build(true, config.http2(), config.limits().maxHeadBytes());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    super.handlerAdded(ctx);
    armIdle();
  }

  @Override
  void headersRead(Http2Stream stream, ReceivedFields fields, boolean end) throws Http2Exception {
    Http2StreamState known = state(stream);
    if (known != null) {
      Headers trailers = end ? reader.trailers(fields) : null;
      if (trailers == null) {
        throw Http2Exception.streamError(
            stream.id(), Http2Error.PROTOCOL_ERROR, "malformed trailers");
      }
      StreamDecoder decoder = known.decoder();
      known.readEnd();
      if (decoder instanceof ServerStream current) {
        current.trailers(trailers);
      }
      return;
    }
    Headers request = reader.request(fields);
    if (request == null || end && request.has(HeaderName.UPGRADE)) {
      throw Http2Exception.streamError(stream.id(), Http2Error.PROTOCOL_ERROR, "malformed request");
    }
    requests++;
    if (connection().numActiveStreams() <= 1) {
      timer.clear(); // of an idle connection; with others under way it is theirs
    }
    Http2ServerStream state = new Http2ServerStream();
    attach(stream, state);
    if (expectsContinue(request)) {
      request.remove(HeaderName.EXPECT);
      if (!end) {
        state.informational(Headers.response(100));
      }
    }
    ServerStream current = owner.newStream(this, state);
    state.decoder(current);
    if (end) {
      state.readEnd(); // before the response, which may come at once
    }
    current.headers(request, end);
  }

  private static boolean expectsContinue(Headers request) {
    int field = request.find(HeaderName.EXPECT);
    return field >= 0 && request.valueIs(field, "100-continue");
  }

  // ---- a client that makes work and does not want its result

  @Override
  void givenUp(Http2StreamState state) throws Http2Exception {
    boolean soon =
        !(state instanceof Http2ServerStream own)
            || loop().nanoTime() - own.begunNanos < SOON_NANOS;
    if (soon && !state.responseBegun()) {
      countGivenUp();
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    if (late(outbound, error)) {
      return;
    }
    Http2Stream stream = connection().stream(error.streamId());
    boolean closed = stream == null && error.error() == Http2Error.STREAM_CLOSED;
    if (!outbound && closed) {
      Http2Error known = ids.error(error.streamId());
      if (known != null) {
        onError(ctx, false, Http2Exception.connectionError(known, "%s", error.getMessage()));
        return;
      }
    }
    if (!outbound && stream == null) {
      ids.opened(error.streamId()); // it was refused or malformed: what follows on it may be late
    }
    boolean tooMany = stream == null && error.error() == Http2Error.REFUSED_STREAM;
    if (!outbound && !closed && (stream == null || state(stream) == null)) {
      requests++;
      if (!tooMany) {
        owner.malformed(this, 400, "http2.invalid_headers");
      }
    }
    super.onStreamError(ctx, outbound, cause, afterItsEnd(stream, error));
    boolean innocent = tooMany && loop().nanoTime() - begunNanos < LEARNS_NANOS;
    if (!outbound && !closed && !innocent) {
      try {
        countGivenUp();
      } catch (Http2Exception tooMuch) {
        onError(ctx, false, tooMuch);
      }
    }
  }

  /** A head on a stream whose request has ended: Netty takes it for a second head. RFC 9113 5.1. */
  private Http2Exception.StreamException afterItsEnd(
      @Nullable Http2Stream stream, Http2Exception.StreamException error) {
    Http2StreamState state = stream == null ? null : state(stream);
    String message = error.getMessage();
    if (state == null
        || !state.readEnded()
        || message == null
        || !message.contains("received too many headers")) {
      return error;
    }
    return (Http2Exception.StreamException)
        Http2Exception.streamError(
            error.streamId(), Http2Error.STREAM_CLOSED, error, "%s", message);
  }

  private void countGivenUp() throws Http2Exception {
    givenUp++;
    if (givenUp >= MIN_GIVEN_UP && 2L * givenUp > requests) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "%d of %d requests reset", givenUp, requests);
    }
  }

  // ---- time

  private void armIdle() {
    timer.clear(); // of the streams that were
    if (draining) {
      timer.set(loop().nanoTime() + DRAIN_NANOS);
    } else if (idleNanos > 0) {
      timer.set(loop().nanoTime() + idleNanos);
    }
  }

  @Override
  void streamOpened(Http2Stream stream) {
    ids.opened(stream.id());
  }

  @Override
  void streamClosed(Http2Stream stream) {
    Http2StreamState state = state(stream);
    if (state != null && state.readEnded() && !stream.isResetSent()) {
      ids.ended(stream.id());
    }
    if (connection().numActiveStreams() == 0) {
      armIdle();
    }
  }

  private void expired() {
    if (connection().numActiveStreams() == 0) {
      close();
      return;
    }
    long now = loop().nanoTime();
    long[] next = {LazyTimer.NEVER};
    List<Http2Stream> notTaken = new ArrayList<>(0);
    try {
      connection()
          .forEachActiveStream(stream -> {
            Http2StreamState state = state(stream);
            if (state != null && state.decoder() instanceof ServerStream current) {
              next[0] = Math.min(next[0], current.deadline(now));
            }
            if (state instanceof Http2ServerStream own && own.takenBy != LazyTimer.NEVER) {
              if (own.takenBy - now <= 0) {
                notTaken.add(stream);
              } else {
                next[0] = Math.min(next[0], own.takenBy);
              }
            }
            return true;
          });
      notTaken.forEach(stream -> resetStream(stream, Http2Error.CANCEL));
    } catch (Http2Exception e) {
      onError(context(), true, e);
    }
    if (next[0] != LazyTimer.NEVER) {
      timer.setEarlier(next[0]);
    }
  }

  @Override
  public void wakeAt(long nanos) {
    timer.setEarlier(nanos);
  }

  // ---- the end

  @Override
  public void drain() {
    if (draining || !attached() || !context().channel().isActive()) {
      return;
    }
    draining = true;
    // Streams on their way are still taken; the client opens its next ones elsewhere. RFC 9113 6.8.
    sayGoAway(Integer.MAX_VALUE);
    lastGoAway.set(loop().nanoTime() + DRAIN_NANOS);
    if (connection().numActiveStreams() == 0) {
      armIdle();
    }
  }

  /** Who goes on opening streams has had the time to hear of it. */
  private void refuseFurther() {
    sayGoAway(Math.max(0, connection().remote().lastStreamCreated()));
  }

  private void sayGoAway(int lastStream) {
    goAway(
        context(),
        lastStream,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context().newPromise());
    flush(context());
  }

  /** By way of Netty's handler, which says GOAWAY first. */
  @Override
  public void close() {
    context().channel().close();
  }

  @Override
  void ended() {
    timer.cancel();
    lastGoAway.cancel();
    owner.closed(this);
  }

  // ---- facts

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public TrafficDirection direction() {
    return direction;
  }

  @Override
  public @Nullable TlsSession tls() {
    return TlsSession.of(context().channel());
  }

  @Override
  public SocketAddress remoteAddress() {
    return context().channel().remoteAddress();
  }

  @Override
  public Destination destination() {
    return destination;
  }

  private final class Http2ServerStream extends Http2StreamState {
    private final long begunNanos = loop().nanoTime();

    /** When a response that is complete must have been taken by the client's window. */
    private long takenBy = LazyTimer.NEVER;

    @Override
    void encode(Headers headers, SentFields fields) {
      fields.response(headers);
    }

    @Override
    public void informational(Headers headers) {
      write(headers, false);
    }

    @Override
    void ended() {
      if (flushNanos > 0) {
        takenBy = loop().nanoTime() + flushNanos;
        wakeAt(takenBy);
      }
      if (!readEnded()) {
        // When the client has the response, the rest of its request is not wanted. RFC 9113 8.1. To
        // the client the stream is over, unlike one that was reset: the first frame is told so.
        cutShort(true);
        forget();
      }
      super.ended();
    }

    @Override
    void handedOver(ChannelFuture written) {
      if (cutShort()) {
        written.addListener(done -> {
          if (done.isSuccess() && !readEnded()) {
            connection().resetStream(stream(), Http2Error.NO_ERROR);
          }
        });
      }
    }

    @Override
    Http2Error localResetError() {
      return Http2Error.INTERNAL_ERROR;
    }
  }
}
