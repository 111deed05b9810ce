package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** An upstream HTTP/2 connection: many requests at once. */
public final class Http2ClientConnection extends Http2Connection implements ClientConnection {
  private static final int MAX_HEAD = 80 << 10;

  /** The pool. */
  public interface Owner {
    /** A stream has ended, or the peer allows more: there may be room. */
    void room(Http2ClientConnection connection);

    /** No further streams; those under way go on. */
    void goingAway(Http2ClientConnection connection);

    void closed(Http2ClientConnection connection);

    /** The loop has too many idle connections, and this one has been so longest: it is to close. */
    void evicted(Http2ClientConnection connection);
  }

  private final Owner owner;
  private final HeadersReader reader;
  private final LazyTimer idleTimer;
  private final IdleList.Entry idleEntry;
  private int requests;
  private boolean draining;

  /** A stream has, in this turn. */
  private boolean streamEnded;

  private boolean settled;
  private boolean extendedConnect;

  private Http2ClientConnection(
      Loop loop,
      Http2Options options,
      int maxHeaders,
      Owner owner,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(loop, decoder, encoder, settings, options);
    this.owner = owner;
    this.reader = new HeadersReader(maxHeaders);
    this.idleTimer = new LazyTimer(loop, this::closeNow);
    this.idleEntry = new IdleList.Entry(() -> owner.evicted(this));
  }

  /**
   * @param maxHeaders of a response
   */
  public static Http2ClientConnection create(
      Loop loop, Http2Options options, int maxHeaders, Owner owner) {
    return new Builder<Http2ClientConnection>() {
      @Override
      protected Http2ClientConnection build(
          Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        return new Http2ClientConnection(
            loop, options, maxHeaders, owner, decoder, encoder, settings);
      }
    }.build(false, options, MAX_HEAD);
  }

  /** Another stream may be begun. */
  public boolean hasRoom() {
    return !draining
        && attached()
        && context().channel().isActive()
        && !connection().goAwayReceived()
        && connection().local().canOpenStream();
  }

  /** The peer's settings have come. */
  public boolean settled() {
    return settled;
  }

  /** No further streams: the peer said so, or we did. */
  public boolean draining() {
    return draining;
  }

  @Override
  public int requests() {
    return requests;
  }

  public int activeStreams() {
    return connection().numActiveStreams();
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public @Nullable TlsSession tls() {
    return TlsSession.of(context().channel());
  }

  /** Begins an exchange; {@link #hasRoom} said yes. */
  @Override
  public StreamEncoder newStream(StreamDecoder decoder) {
    requests++;
    idleTimer.clear();
    idleEntry.leave();
    ClientStream stream = new ClientStream(this);
    stream.decoder(decoder);
    return stream;
  }

  /**
   * Closes the connection at {@code nanos} unless it is used before.
   *
   * @param others that are idle on this loop
   */
  public void idleUntil(long nanos, IdleList others) {
    idleTimer.set(nanos);
    others.add(idleEntry);
  }

  public void drain() {
    if (!draining) {
      draining = true;
      owner.goingAway(this);
    }
    if (activeStreams() == 0) {
      closeNow();
    }
  }

  public void closeNow() {
    if (attached()) {
      context().channel().close();
    }
  }

  @Override
  void headersRead(Http2Stream stream, ReceivedFields fields, boolean end) throws Http2Exception {
    Http2StreamState state = state(stream);
    StreamDecoder decoder = state == null ? null : state.decoder();
    if (state == null || decoder == null) {
      return;
    }
    ClientStream exchange = (ClientStream) state;
    if (exchange.responded) {
      Headers trailers = end ? reader.trailers(fields) : null;
      if (trailers == null) {
        throw malformed(stream, "malformed trailers");
      }
      exchange.checkData(0, true);
      decoder.trailers(trailers);
      state.readEnd();
      return;
    }
    Headers response = reader.response(fields);
    if (response == null || response.status() < 200 && end || response.status() == 101) {
      throw malformed(stream, "malformed response");
    }
    if (response.status() < 200) {
      decoder.informational(response);
      return;
    }
    exchange.responded(response, end);
    if (exchange.upgrade != null && response.status() == 200 && !end) {
      response.status(101); // as its client knows it, RFC 8441 5
      response.add(HeaderName.UPGRADE, exchange.upgrade);
    }
    decoder.headers(response, end);
    if (end) {
      state.readEnd();
    }
  }

  /** Thrown to Netty, it resets the stream. */
  private static Http2Exception malformed(Http2Stream stream, String what) {
    return Http2Exception.streamError(stream.id(), Http2Error.PROTOCOL_ERROR, what);
  }

  @Override
  void broken() {
    draining = true;
  }

  @Override
  void goAwayRead() {
    draining = true;
    owner.goingAway(this);
    if (activeStreams() == 0) {
      closeNow();
    }
  }

  /** What has not said its settings, which come first, has read nothing yet. RFC 9113 3.4. */
  @Override
  boolean unprocessed(Http2Stream stream) {
    return !settled || super.unprocessed(stream);
  }

  @Override
  void settingsRead(Http2Settings settings) {
    settled = true;
    if (settings.connectProtocolEnabled() != null) {
      extendedConnect = settings.connectProtocolEnabled();
    }
    owner.room(this);
  }

  @Override
  void streamClosed(Http2Stream stream) {
    // Netty takes the stream off its books after it has told us; one look serves all that ended in
    // this turn.
    streamEnded = true;
    markDirty();
  }

  @Override
  void turnEnds() {
    if (!streamEnded) {
      return;
    }
    streamEnded = false;
    if (draining && activeStreams() == 0) {
      closeNow();
    } else {
      owner.room(this);
    }
  }

  @Override
  void ended() {
    idleTimer.cancel();
    idleEntry.leave();
    owner.closed(this);
  }

  private static final class ClientStream extends Http2StreamState {
    private final Http2ClientConnection handler;
    private boolean responded;
    private boolean begun;
    private boolean headRequest;
    private @Nullable String upgrade;

    /** Bytes of the body that are still to come; -1 where its length is not announced. */
    private long announced = -1;

    ClientStream(Http2ClientConnection handler) {
      this.handler = handler;
    }

    @Override
    void encode(Headers headers, SentFields fields) {
      fields.request(headers);
    }

    @Override
    public void headers(Headers headers, boolean endStream) {
      begun = true;
      headRequest = headers.methodIs("HEAD");
      upgrade = headers.value(HeaderName.UPGRADE);
      if (upgrade != null && !handler.extendedConnect) {
        fail(ResetReason.PROTOCOL_ERROR, "http2.no_extended_connect");
        return;
      }
      int id = handler.connection().local().incrementAndGetNextStreamId();
      try {
        attach(handler.connection().local().createStream(id, false));
      } catch (Http2Exception e) {
        fail(ResetReason.REFUSED_STREAM, "http2.no_stream{" + e.error() + "}");
        return;
      }
      super.headers(headers, endStream);
    }

    /** The response's head has come; RFC 9110 6.4.1 says which have no body. */
    void responded(Headers response, boolean end) throws Http2Exception {
      responded = true;
      int status = response.status();
      boolean bodyless = headRequest || status == 204 || status == 304;
      announced = bodyless ? 0 : response.contentLength();
      if (end) {
        checkData(0, true);
      }
    }

    /**
     * A body that comes before its head, or is not as long as it said, would be read on the
     * client's connection as another response: RFC 9113 8.1 and 8.1.1.
     */
    @Override
    void checkData(int bytes, boolean end) throws Http2Exception {
      if (!responded) {
        throw malformed(stream(), "DATA before HEADERS");
      }
      if (announced >= 0) {
        announced -= bytes;
        if (announced < 0 || end && announced > 0) {
          throw malformed(stream(), "a body that is not as long as content-length says");
        }
      }
    }

    private void attach(Http2Stream stream) {
      handler.attach(stream, this);
    }

    @Override
    public void reset(ResetReason reason) {
      if (begun) {
        super.reset(reason);
      } else {
        forget();
      }
    }

    @Override
    public void informational(Headers headers) {
      throw new IllegalStateException("a request has no informational part");
    }

    @Override
    Http2Error localResetError() {
      return Http2Error.CANCEL;
    }

    @Override
    public boolean writable() {
      return !begun || super.writable();
    }
  }
}
