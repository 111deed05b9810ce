package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.LastFlush;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.SocketErrors;
import dev.weir.sidecar.transport.TlsSession;
import dev.weir.sidecar.transport.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An upstream HTTP/1.1 connection: one request at a time, back to its owner when the exchange is
 * over and clean.
 */
public final class Http1ClientConnection extends ChannelInboundHandlerAdapter
    implements ClientConnection, StreamEncoder, BodyDecoder.Sink {
  /** Envoy's bound of a response head. */
  private static final int MAX_HEAD = 80 << 10;

  private static final byte[] NO_CONTENT = HeadEncoder.ascii("content-length: 0\r\n");

  /** The pool. */
  public interface Owner {
    /** The connection may be used again. */
    void idle(Http1ClientConnection connection);

    /** The connection is gone; its stream, if it had one, was told before. */
    void closed(Http1ClientConnection connection);

    /** The loop has too many idle connections, and this one has been so longest: it is to close. */
    void evicted(Http1ClientConnection connection);
  }

  private final Loop loop;
  private final Owner owner;
  private final HeadParser parser;
  private final BodyDecoder body;
  private final LazyTimer idleTimer;
  private final IdleList.Entry idleEntry;

  private ChannelHandlerContext context;
  private Output output;
  private @Nullable StreamDecoder decoder;
  private int requests;
  private boolean headRequest;

  /** The request says by its method that it may be sent twice. RFC 9110 9.2.2. */
  private boolean idempotent;

  /** A byte of the response has come. */
  private boolean answered;

  /** The peer has reset the connection: it closed it with bytes that it had not read. */
  private boolean peerReset;

  private boolean upgrading;
  private boolean requestEnded;

  /** Between a read and the event that ends it. */
  private boolean reading;

  /** The exchange is over, and the pool has yet to hear of it. */
  private boolean idle;

  private boolean responseEnded;
  private boolean reusable = true;
  private boolean closed;
  private boolean paused;

  /**
   * @param maxHeaders of a response
   */
  @SuppressWarnings(
      "NullAway.Init") // context and output are set when the handler is added, before any event
  public Http1ClientConnection(Loop loop, int maxHeaders, Owner owner) {
    this.loop = loop;
    this.owner = owner;
    this.parser = new HeadParser(loop, HeadParser.Kind.RESPONSE, MAX_HEAD, maxHeaders, true);
    this.body = new BodyDecoder(loop, this, true);
    this.idleTimer = new LazyTimer(loop, this::close);
    this.idleEntry = new IdleList.Entry(() -> owner.evicted(this));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    output = new Output(ctx, loop);
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP1;
  }

  @Override
  public @Nullable TlsSession tls() {
    return TlsSession.of(context.channel());
  }

  /** Begins an exchange on this idle connection. */
  @Override
  public StreamEncoder newStream(StreamDecoder newDecoder) {
    decoder = newDecoder;
    requests++;
    requestEnded = false;
    responseEnded = false;
    answered = false;
    idleTimer.clear();
    idleEntry.leave();
    return this;
  }

  @Override
  public int requests() {
    return requests;
  }

  /**
   * Closes the connection at {@code nanos} unless it is used before; {@link LazyTimer#NEVER} for
   * not at all.
   *
   * @param others that are idle on this loop
   */
  public void idleUntil(long nanos, IdleList others) {
    idleTimer.set(nanos);
    others.add(idleEntry);
  }

  /** The exchange under way is the last. */
  public void drain() {
    reusable = false;
    if (decoder == null) {
      close();
    }
  }

  /** At once: a body that the peer would have ended by closing is cut off. */
  public void close() {
    body.abort();
    context.close();
  }

  public boolean active() {
    return !closed && context.channel().isActive();
  }

  // ---- writing

  @Override
  public void informational(Headers headers) {
    throw new IllegalStateException("a request has no informational part");
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    headRequest = headers.methodIs("HEAD");
    boolean sized = headers.has(HeaderName.CONTENT_LENGTH);
    upgrading = headers.has(HeaderName.UPGRADE);
    idempotent = !upgrading && isIdempotent(headers);
    boolean chunked = !endStream && !sized && !upgrading;
    long hint = Math.max(0, headers.contentLength());
    ByteBuf out = output.begin(HeadEncoder.estimate(headers), endStream ? 0 : hint);
    HeadEncoder.requestLine(out, headers);
    HeadEncoder.fields(out, headers);
    if (headers.has(HeaderName.TE)) {
      out.writeBytes(HeadEncoder.CONNECTION_TE);
    }
    if (upgrading) {
      out.writeBytes(HeadEncoder.CONNECTION_UPGRADE);
      webSocketKey(out, headers);
    }
    if (chunked) {
      out.writeBytes(HeadEncoder.CHUNKED);
    } else if (endStream
        && !sized
        && (headers.methodIs("POST") || headers.methodIs("PUT") || headers.methodIs("PATCH"))) {
      out.writeBytes(NO_CONTENT);
    }
    out.writeBytes(HeadEncoder.CRLF);
    output.chunked(chunked);
    output.announced(chunked ? -1 : headers.contentLength());
    if (endStream) {
      requestEnd();
    }
  }

  private static boolean isIdempotent(Headers headers) {
    return headers.methodIs("GET")
        || headers.methodIs("HEAD")
        || headers.methodIs("PUT")
        || headers.methodIs("DELETE")
        || headers.methodIs("OPTIONS")
        || headers.methodIs("TRACE");
  }

  /**
   * A client of HTTP/2 has none, for want of a use: RFC 8441 5. One of HTTP/1.1 that has none is
   * the app's to refuse.
   */
  private void webSocketKey(ByteBuf out, Headers headers) {
    String upgrade = String.valueOf(headers.value(HeaderName.UPGRADE));
    if (headers.extendedConnect()
        && upgrade.equalsIgnoreCase("websocket")
        && headers.value("sec-websocket-key") == null) {
      byte[] key = new byte[16];
      loop.random().nextBytes(key);
      out.writeCharSequence(
          "sec-websocket-key: " + Base64.getEncoder().encodeToString(key) + "\r\n",
          StandardCharsets.US_ASCII);
    }
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    output.data(data, endStream);
    if (endStream) {
      requestEnd();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    output.trailers(trailers);
    requestEnd();
  }

  private void requestEnd() {
    requestEnded = true;
    output.chunked(false);
    if (upgrading) {
      endOutput();
      return;
    }
    if (!output.asAnnounced()) {
      fail("http1.request_not_as_long_as_announced");
      return;
    }
    exchangeMayBeOver();
  }

  /** The client of a tunnel has said all; what the app still says may come. */
  private void endOutput() {
    output.flushNow();
    Wire.shutdownOutput(context.channel());
    exchangeMayBeOver();
  }

  @Override
  public void reset(ResetReason reason) {
    if (upgrading && responseEnded) {
      decoder = null;
      close(); // both have ended: nothing is cut
      return;
    }
    decoder = null;
    // A FIN is half a close, after which a response may still be wanted; this one is not.
    LastFlush.endByReset(context.channel());
    close();
  }

  @Override
  public void readDisable(boolean disable) {
    if (paused != disable) {
      paused = disable;
      context.channel().config().setAutoRead(!disable);
    }
  }

  @Override
  public boolean writable() {
    return context.channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    StreamDecoder current = decoder;
    if (current != null) {
      current.writable(ctx.channel().isWritable());
    }
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = true;
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !closed) {
        if (body.active()) {
          body.decode(in);
        } else if (decoder == null || responseEnded) {
          // Nobody asked for these bytes: what follows could be taken for another's response.
          reusable = false;
          close();
          return;
        } else {
          answered = true;
          head(in);
        }
      }
    } finally {
      in.release();
    }
  }

  /**
   * Only now may another request have the connection: what is read behind a response that has ended
   * would be taken for the answer to that request.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    if (idle) {
      idle = false;
      if (active()) {
        owner.idle(this);
      }
    }
  }

  private void head(ByteBuf in) {
    switch (parser.parse(in)) {
      case MORE -> {}
      case MALFORMED -> fail(parser.malformed().details());
      case DONE -> response();
    }
  }

  private void response() {
    StreamDecoder current = java.util.Objects.requireNonNull(decoder);
    Headers headers = parser.headers();
    int status = parser.status();
    if (status == 101 && upgrading) {
      String upgrade = parser.upgrade();
      parser.reset();
      upgraded(current, headers, upgrade);
      return;
    }
    if (status < 200) {
      parser.reset();
      if (status == 101) {
        fail("http1.unexpected_101");
      } else {
        current.informational(headers);
      }
      return;
    }
    if (upgrading) {
      upgrading = false;
      requestEnded = true; // it was an ordinary request after all
    }
    if (parser.lastMessage()) {
      reusable = false;
    }
    ControlFields controls = parser.controls();
    long length = controls.contentLength();
    boolean end =
        headRequest || status == 204 || status == 304 || !controls.chunked() && length == 0;
    if (!end) {
      if (controls.chunked()) {
        body.chunked();
      } else if (length > 0) {
        body.fixed(length);
      } else {
        reusable = false;
        body.untilClose();
      }
    }
    parser.reset();
    if (end) {
      responseEnded = true;
    }
    current.headers(headers, end);
    if (end) {
      exchangeMayBeOver();
    }
  }

  /** From now on bytes pass as they come, until one side ends. */
  private void upgraded(StreamDecoder current, Headers headers, String to) {
    reusable = false;
    if (!to.isEmpty()) {
      headers.add(HeaderName.UPGRADE, to);
    }
    body.untilClose();
    current.headers(headers, false);
  }

  @Override
  public void bodyData(ByteBuf data, boolean end) {
    StreamDecoder current = decoder;
    if (current == null) {
      data.release();
      return;
    }
    if (end) {
      responseEnded = true;
    }
    current.data(data, end);
    if (end) {
      exchangeMayBeOver();
    }
  }

  @Override
  public void bodyEnd() {
    bodyData(Unpooled.EMPTY_BUFFER, true);
  }

  @Override
  public void bodyTrailers(Headers trailers) {
    StreamDecoder current = decoder;
    if (current != null) {
      responseEnded = true;
      current.trailers(trailers);
      exchangeMayBeOver();
    }
  }

  @Override
  public void bodyMalformed(Malformed malformed) {
    fail(malformed.details());
  }

  private void exchangeMayBeOver() {
    if (!responseEnded || decoder == null) {
      return;
    }
    decoder = null;
    readDisable(false);
    if (!requestEnded || !reusable || !active()) {
      close();
    } else if (reading) {
      idle = true;
    } else {
      owner.idle(this);
    }
  }

  private void fail(String details) {
    StreamDecoder current = decoder;
    decoder = null;
    reusable = false;
    close();
    if (current != null) {
      current.reset(ResetReason.PROTOCOL_ERROR, details);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    idleTimer.cancel();
    idleEntry.leave();
    boolean cut = !body.closed() && body.active();
    body.abort();
    StreamDecoder current = decoder;
    decoder = null;
    if (current != null) {
      current.reset(reasonOfEnd(cut), "upstream_remote_disconnect");
    }
    output.discard();
    owner.closed(this);
  }

  /** As Envoy, half a response is a fault of the message. */
  private ResetReason reasonOfEnd(boolean cut) {
    if (cut) {
      return ResetReason.PROTOCOL_ERROR;
    }
    return (requests > 1 || peerReset) && idempotent && !answered
        ? ResetReason.STALE_CONNECTION
        : ResetReason.CONNECTION_TERMINATION;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("an upstream HTTP/1 connection", cause);
    peerReset |= SocketErrors.isReset(cause);
    close();
  }
}
