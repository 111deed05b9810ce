package dev.weir.sidecar.http.h1;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.runtime.LastFlush;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.transport.TlsSession;
import dev.weir.sidecar.transport.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A downstream HTTP/1.1 connection: one request at a time, pipelined ones wait unread. Ends in
 * order: a refused or cut-off request is answered, the answer is flushed, and what the client still
 * sends is read away for a moment, so that it sees the answer rather than a reset.
 */
public final class Http1ServerConnection extends ChannelInboundHandlerAdapter
    implements ServerConnection, StreamEncoder, BodyDecoder.Sink {
  private static final byte[] CONTINUE = HeadEncoder.ascii("HTTP/1.1 100 Continue\r\n\r\n");
  private static final byte[] NO_CONTENT = HeadEncoder.ascii("content-length: 0\r\n");

  /** So much of a request whose answer has gone out is read away to keep the connection. */
  private static final long MAX_READ_AWAY = 64 << 10;

  private static final long DRAIN_IDLE_NANOS = Duration.ofSeconds(1).toNanos();

  /** Why reads are paused; they go on when no reason is left. */
  private static final int PAUSED_BY_STREAM = 1;

  private static final int PAUSED_BY_PIPELINE = 2;

  private final Loop loop;
  private final HttpConnectionManager config;
  private final TrafficDirection direction;
  private final Destination destination;
  private final Owner owner;
  private final HeadParser parser;
  private final BodyDecoder body;
  private final LazyTimer timer;
  private final long idleNanos;
  private final long delayedCloseNanos;

  private ChannelHandlerContext context;
  private Output output;
  private @Nullable ServerStream stream;
  private @Nullable ByteBuf held;
  private int pauses;
  private int requests;
  private boolean requestComplete;
  private boolean responseStarted;
  private boolean responseEnded;
  private boolean bodyless;
  private boolean untilClose;

  /** The request asks for another protocol, and has no answer yet. */
  private boolean upgrading;

  /** The connection is a tunnel: it ends with this exchange. */
  private boolean upgraded;

  private boolean headRequest;
  private boolean http10;
  private boolean last;
  private boolean inputClosed;
  private boolean draining;
  private boolean closing;

  @SuppressWarnings(
      "NullAway.Init") // context and output are set when the handler is added, before any event
  public Http1ServerConnection(
      Loop loop,
      HttpConnectionManager config,
      TrafficDirection direction,
      Destination destination,
      Owner owner) {
    this.direction = direction;
    this.destination = destination;
    this.loop = loop;
    this.config = config;
    this.owner = owner;
    this.parser =
        new HeadParser(
            loop,
            HeadParser.Kind.REQUEST,
            config.limits().maxHeadBytes(),
            config.limits().maxHeaders(),
            false);
    this.body = new BodyDecoder(loop, this, false);
    this.timer = new LazyTimer(loop, this::expired);
    this.idleNanos = config.timeouts().idle().toNanos();
    this.delayedCloseNanos = config.timeouts().delayedClose().toNanos();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    output = new Output(ctx, loop);
    armIdle(loop.nanoTime());
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (closing) {
      in.release();
      return;
    }
    if (held != null) {
      held = ctx.alloc().compositeBuffer(2).addComponent(true, held).addComponent(true, in);
      return;
    }
    process(in);
  }

  /** Takes {@code in} over. */
  private void process(ByteBuf in) {
    try {
      while (in.isReadable() && !closing) {
        if (body.active()) {
          body.decode(in);
        } else if (stream != null) {
          hold(in);
          return;
        } else {
          head(in);
        }
      }
    } finally {
      in.release();
    }
  }

  private void hold(ByteBuf in) {
    held = in.retain();
    pause(PAUSED_BY_PIPELINE, true);
  }

  private void head(ByteBuf in) {
    boolean begun = parser.begun();
    switch (parser.parse(in)) {
      case DONE -> request();
      case MALFORMED -> refuse(parser.malformed());
      case MORE -> {
        long limit = config.timeouts().requestHeaders().toNanos();
        if (!begun && parser.begun() && limit > 0) {
          timer.setEarlier(loop.nanoTime() + limit);
        }
      }
    }
  }

  private void request() {
    Headers headers = parser.headers();
    headRequest = headers.methodIs("HEAD");
    http10 = parser.http10();
    last = parser.lastMessage();
    ControlFields controls = parser.controls();
    long length = controls.contentLength();
    boolean end = !controls.chunked() && length <= 0;
    String upgrade = end ? parser.upgrade() : "";
    upgrading = !upgrade.isEmpty();
    if (upgrading) {
      headers.add(HeaderName.UPGRADE, upgrade);
      end = false; // what comes behind the head waits for the answer to it
    }
    boolean expectContinue = controls.expectContinue() && !end && !parser.http10();
    if (controls.chunked()) {
      body.chunked();
    } else if (!end && !upgrading) {
      body.fixed(length);
    }
    parser.reset();
    requests++;
    int most = config.limits().maxRequestsPerConnection();
    if (most > 0 && requests >= most) {
      last = true;
    }
    requestComplete = end;
    responseStarted = false;
    responseEnded = false;
    untilClose = false;
    timer.clear();
    ServerStream next = owner.newStream(this, this);
    stream = next;
    if (expectContinue) {
      output.begin(CONTINUE.length, 0).writeBytes(CONTINUE);
    }
    next.headers(headers, end);
  }

  private void refuse(Malformed why) {
    closing = true;
    body.abort();
    ServerStream current = stream;
    if (current == null) {
      owner.malformed(this, why.status(), why.details());
    } else {
      detach();
      current.malformed(why.status(), why.details());
      if (responseStarted) {
        closeNow();
        return;
      }
    }
    String text = "malformed request: " + why.details();
    ByteBuf out = output.begin(256, 0);
    HeadEncoder.statusLine(out, why.status(), false);
    String fields =
        "content-type: text/plain\r\ncontent-length: "
            + text.length()
            + "\r\n"
            + HeaderName.X_WEIR_CAUSE
            + ": "
            + Cause.MALFORMED_REQUEST
            + "\r\nConnection: close\r\n\r\n";
    out.writeCharSequence(fields, StandardCharsets.US_ASCII);
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
    linger();
  }

  @Override
  public void bodyData(ByteBuf data, boolean end) {
    ServerStream current = stream;
    if (current == null) {
      data.release();
      readAway(end);
      return;
    }
    if (end) {
      requestComplete = true;
    }
    current.data(data, end);
    if (end) {
      exchangeMayBeOver();
    }
  }

  @Override
  public void bodyEnd() {
    ServerStream current = stream;
    if (current != null) {
      requestComplete = true;
      current.data(io.netty.buffer.Unpooled.EMPTY_BUFFER, true);
      exchangeMayBeOver();
    }
  }

  /** A part of a request that has had its answer. */
  private void readAway(boolean end) {
    if (end) {
      requestComplete = true;
      armIdle(loop.nanoTime());
    }
  }

  @Override
  public void bodyTrailers(Headers trailers) {
    ServerStream current = stream;
    if (current != null) {
      requestComplete = true;
      current.trailers(trailers);
      exchangeMayBeOver();
    }
  }

  @Override
  public void bodyMalformed(Malformed malformed) {
    refuse(malformed);
  }

  private void pause(int reason, boolean paused) {
    int before = pauses;
    pauses = paused ? before | reason : before & ~reason;
    if (before == 0 != (pauses == 0)) {
      context.channel().config().setAutoRead(pauses == 0);
    }
  }

  // ---- writing

  @Override
  public void informational(Headers headers) {
    if (http10 || responseStarted) {
      return;
    }
    ByteBuf out = output.begin(HeadEncoder.estimate(headers), 0);
    HeadEncoder.statusLine(out, headers, false);
    HeadEncoder.fields(out, headers);
    out.writeBytes(HeadEncoder.CRLF);
  }

  @Override
  public void headers(Headers headers, boolean endStream) {
    responseStarted = true;
    int status = headers.status();
    if (upgrading) {
      upgrading = false;
      if (status == 101) {
        switchProtocol(headers);
        return;
      }
      requestComplete = true; // it was an ordinary request after all
    }
    bodyless = headRequest || status == 204 || status == 304;
    if (status == 204) {
      headers.remove(HeaderName.CONTENT_LENGTH); // RFC 9110 8.6
    }
    boolean sized = headers.has(HeaderName.CONTENT_LENGTH);
    long hint = Math.max(0, headers.contentLength());
    if (draining || !requestComplete && body.atLeast(MAX_READ_AWAY)) {
      last = true;
    }
    boolean chunked = !endStream && !bodyless && !sized;
    untilClose = chunked && http10;
    if (untilClose) {
      chunked = false;
      last = true;
    }
    ByteBuf out = output.begin(HeadEncoder.estimate(headers), endStream || bodyless ? 0 : hint);
    HeadEncoder.statusLine(out, headers, http10);
    HeadEncoder.fields(out, headers);
    if (endStream && !bodyless && !sized) {
      out.writeBytes(NO_CONTENT);
    }
    if (chunked) {
      out.writeBytes(HeadEncoder.CHUNKED);
    }
    if (last) {
      out.writeBytes(HeadEncoder.CLOSE);
    } else if (http10) {
      out.writeBytes(HeadEncoder.KEEP_ALIVE);
    }
    out.writeBytes(HeadEncoder.CRLF);
    output.chunked(chunked);
    output.announced(bodyless || chunked ? -1 : headers.contentLength());
    if (endStream) {
      responseEnd();
    }
  }

  /** From now on bytes pass as they come, those that came already first. */
  private void switchProtocol(Headers headers) {
    upgraded = true;
    last = true;
    bodyless = false;
    ByteBuf out = output.begin(HeadEncoder.estimate(headers), 0);
    HeadEncoder.statusLine(out, headers, false);
    HeadEncoder.fields(out, headers);
    out.writeBytes(HeadEncoder.CONNECTION_UPGRADE);
    out.writeBytes(HeadEncoder.CRLF);
    output.chunked(false);
    output.announced(-1);
    body.untilClose();
    if (held != null) {
      loop.eventLoop().execute(this::resumeTunnel);
    }
  }

  private void resumeTunnel() {
    ByteBuf next = held;
    if (next != null) {
      held = null;
      pause(PAUSED_BY_PIPELINE, false);
      resumeHeld(next);
    }
  }

  @Override
  public void data(ByteBuf data, boolean endStream) {
    if (bodyless) {
      data.release();
    } else {
      output.data(data, endStream);
    }
    if (endStream) {
      responseEnd();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    if (!bodyless) {
      output.trailers(trailers);
    }
    responseEnd();
  }

  private void responseEnd() {
    responseEnded = true;
    output.chunked(false);
    if (!output.asAnnounced()) {
      reset(ResetReason.LOCAL_RESET);
      return;
    }
    exchangeMayBeOver();
  }

  private void exchangeMayBeOver() {
    if (!responseEnded || stream == null) {
      return;
    }
    if (upgraded) {
      endTunnel();
      return;
    }
    if (!requestComplete && last) {
      // An early final response: the rest of the request is not worth reading, and it said so.
      detach();
      body.abort();
      closing = true;
      linger();
      return;
    }
    detach();
    if (last) {
      closing = true;
      if (held != null) {
        linger();
      } else {
        flushAndClose();
      }
      return;
    }
    long now = loop.nanoTime();
    armIdle(now);
    long limit = config.timeouts().requestHeaders().toNanos();
    if (!requestComplete && limit > 0) {
      timer.setEarlier(now + limit);
    }
    ByteBuf next = held;
    if (next != null) {
      held = null;
      pause(PAUSED_BY_PIPELINE, false);
      resumeHeld(next);
    }
  }

  /** The other side has said all; what the client still says goes nowhere. */
  private void endTunnel() {
    boolean clientIsDone = requestComplete;
    detach();
    body.abort();
    closing = true;
    if (clientIsDone) {
      flushAndClose();
    } else {
      linger();
    }
  }

  private void resumeHeld(ByteBuf next) {
    if (closing || !context.channel().isActive()) {
      next.release();
      return;
    }
    process(next);
  }

  private void detach() {
    stream = null;
    timer.clear();
    pause(PAUSED_BY_STREAM, false);
  }

  /** What was written of the response goes out, so that the client sees that it was cut. */
  @Override
  public void reset(ResetReason reason) {
    detach();
    output.flushNow();
    if (untilClose || upgraded) {
      // A FIN would be this body's, or this tunnel's, proper end.
      LastFlush.endByReset(context.channel());
    }
    closeNow();
  }

  @Override
  public void readDisable(boolean disable) {
    pause(PAUSED_BY_STREAM, disable);
  }

  @Override
  public boolean writable() {
    return context.channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ServerStream current = stream;
    if (current != null) {
      current.writable(ctx.channel().isWritable());
    }
  }

  // ---- time

  private void armIdle(long now) {
    if (draining) {
      timer.set(now + DRAIN_IDLE_NANOS);
    } else if (idleNanos > 0) {
      timer.set(now + idleNanos);
    }
  }

  private void expired() {
    ServerStream current = stream;
    if (closing) {
      return; // the last flush has a clock of its own
    }
    if (current != null) {
      long next = current.deadline(loop.nanoTime());
      if (next != LazyTimer.NEVER && stream == current) {
        timer.setEarlier(next);
      }
    } else if (parser.begun()) {
      refuse(new Malformed(408, "request_header_timeout"));
    } else {
      closeNow();
    }
  }

  @Override
  public void wakeAt(long nanos) {
    timer.setEarlier(nanos);
  }

  // ---- the end

  @Override
  public void drain() {
    draining = true;
    if (stream == null && !closing && !parser.begun()) {
      timer.setEarlier(loop.nanoTime() + DRAIN_IDLE_NANOS);
    }
  }

  @Override
  public void close() {
    closeNow();
  }

  /**
   * Answers, says that nothing more comes, and reads away what the client still sends, for a
   * bounded time.
   */
  private void linger() {
    pauses = 0;
    releaseHeld();
    output.flushNow();
    if (inputClosed || delayedCloseNanos == 0 || !(context.channel() instanceof DuplexChannel)) {
      flushAndClose();
      return;
    }
    context.channel().config().setAutoRead(true);
    Wire.shutdownOutput(context.channel());
    LastFlush.watch(loop, context.channel(), delayedCloseNanos);
  }

  private void flushAndClose() {
    output.flushNow();
    LastFlush.close(loop, context.channel(), delayedCloseNanos);
  }

  private void closeNow() {
    closing = true;
    context.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof ChannelInputShutdownEvent)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    inputClosed = true;
    ServerStream current = stream;
    if (current == null) {
      closing = true;
      flushAndClose();
    } else if (upgraded) {
      requestComplete = true;
      body.abort();
      current.data(io.netty.buffer.Unpooled.EMPTY_BUFFER, true);
    } else {
      // As in Envoy: who waits for an answer keeps its side open, so nobody need work for this one.
      output.flushNow();
      closeNow();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    timer.cancel();
    body.abort();
    releaseHeld();
    ServerStream current = stream;
    stream = null;
    if (current != null) {
      current.reset(ResetReason.CONNECTION_TERMINATION, "downstream_remote_disconnect");
    }
    output.discard();
    owner.closed(this);
  }

  private void releaseHeld() {
    ByteBuf waiting = held;
    if (waiting != null) {
      held = null;
      waiting.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("a downstream HTTP/1 connection", cause);
    closeNow();
  }

  // ---- facts

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP1;
  }

  @Override
  public String version() {
    return http10 ? "HTTP/1.0" : Protocol.HTTP1.toString();
  }

  @Override
  public TrafficDirection direction() {
    return direction;
  }

  @Override
  public @Nullable TlsSession tls() {
    return TlsSession.of(context.channel());
  }

  @Override
  public SocketAddress remoteAddress() {
    return context.channel().remoteAddress();
  }

  @Override
  public Destination destination() {
    return destination;
  }
}
