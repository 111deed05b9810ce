package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.LazyTimer;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One upstream connection by itself, its time moved by hand: what it tells and writes. */
class Http1ClientConnectionTest extends ConnectionByHand {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String DISCONNECT = " upstream_remote_disconnect;closed;";

  private final Http1ClientConnection connection =
      new Http1ClientConnection(loop(), 100, new Pool());

  @BeforeEach
  void start() {
    open(connection);
  }

  private final class Pool implements Http1ClientConnection.Owner {
    @Override
    public void idle(Http1ClientConnection of) {
      told.append("idle;");
    }

    @Override
    public void closed(Http1ClientConnection of) {
      told.append("closed;");
    }

    @Override
    public void evicted(Http1ClientConnection of) {
      told.append("evicted;");
    }
  }

  private final class Response implements StreamDecoder {
    @Override
    public void informational(Headers headers) {
      told.append("interim ").append(headers.status()).append(';');
    }

    @Override
    public void headers(Headers headers, boolean endStream) {
      told.append(headers.status());
      told.append(headers.has(HeaderName.UPGRADE) ? " " + headers.value("upgrade") : "");
      told.append(endStream ? ".;" : ";");
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      told.append(data.toString(StandardCharsets.US_ASCII)).append(endStream ? ".;" : ";");
      data.release();
    }

    @Override
    public void trailers(Headers trailers) {
      told.append("trailers ").append(trailers.first("x-a")).append(".;");
    }

    @Override
    public void reset(ResetReason reason, String details) {
      told.append(reason).append(' ').append(details).append(';');
    }

    @Override
    public void writable(boolean writable) {
      told.append(writable ? "writable;" : "full;");
    }
  }

  private static Headers request(String method, String... fields) {
    return with(Headers.request(method, "app", "/"), fields);
  }

  private StreamEncoder ask(String method, String... fields) {
    StreamEncoder stream = connection.newStream(new Response());
    stream.headers(request(method, fields), true);
    written();
    return stream;
  }

  private void end() {
    channel.close();
    channel.runPendingTasks();
  }

  // ---- the request

  /** Method, a field, the body: "-" is none. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @CsvSource({
    "GET, x-a: 1, -, x-a: 1||",
    "POST, x-a: 1, -, x-a: 1|content-length: 0||",
    "PUT, x-a: 1, -, x-a: 1|content-length: 0||",
    "PATCH, x-a: 1, -, x-a: 1|content-length: 0||",
    "DELETE, x-a: 1, -, x-a: 1||",
    "POST, content-length: 0, -, content-length: 0||",
    "POST, content-length: 2, ok, content-length: 2||ok",
    "GET, x-a: 1, ok, x-a: 1|Transfer-Encoding: chunked||2|ok|0||",
    "GET, te: trailers, -, te: trailers|Connection: te||"
  })
  void requestIsWrittenWithItsFraming(String method, String field, String body, String expected) {
    StreamEncoder stream = connection.newStream(new Response());
    String[] parts = field.split(": ", -1);
    boolean none = body.equals("-");
    stream.headers(request(method, parts[0], parts[1]), none);
    if (!none) {
      stream.data(data(body), true);
    }
    assertEquals(
        method + " / HTTP/1.1\r\nHost: app\r\n" + expected.replace("|", "\r\n"), written());
    read(OK);
    assertEquals("200;ok.;idle;", told());
  }

  @Test
  void trailersFollowChunks() {
    StreamEncoder stream = connection.newStream(new Response());
    stream.headers(request("POST"), false);
    stream.data(data("a"), false);
    stream.trailers(request("x", "x-a", "1"));
    assertTrue(
        written().endsWith("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-a: 1\r\n\r\n"));
    read(OK);
    assertEquals("200;ok.;idle;", told());
    assertThrows(IllegalStateException.class, () -> stream.informational(Headers.response(100)));
  }

  @Test
  void requestOfAnotherLengthThanItsHeadSaysEndsTheConnection() {
    StreamEncoder stream = connection.newStream(new Response());
    stream.headers(request("POST", "content-length", "3"), false);
    stream.data(data("ab"), true);
    written();
    assertEquals("closed;PROTOCOL_ERROR http1.request_not_as_long_as_announced;", told());
    assertFalse(connection.active());
  }

  // ---- the response

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "'HTTP/1.1 200 OK|content-length: 2||ok', 200;ok.;idle;",
    "'HTTP/1.1 200 OK|content-length: 0||', 200.;idle;",
    "'HTTP/1.1 204 OK||', 204.;idle;",
    "'HTTP/1.1 304 OK|content-length: 5||', 304.;idle;",
    "'HTTP/1.1 304 OK|transfer-encoding: chunked||', 304.;idle;",
    "'HTTP/1.1 200 OK|transfer-encoding: chunked||1|a|0||', 200;a.;idle;",
    "'HTTP/1.1 200 OK|transfer-encoding: chunked||0|x-a: 1||', 200;trailers 1.;idle;",
    "'HTTP/1.1 100 Go||HTTP/1.1 103 X||HTTP/1.1 204 OK||', interim 100;interim 103;204.;idle;",
    "'HTTP/1.1 199 X||HTTP/1.1 204 OK||', interim 199;204.;idle;",
    "'HTTP/1.1 200 OK|connection: close|content-length: 2||ok', 200;ok.;closed;",
    "'HTTP/1.0 200 OK|content-length: 2||ok', 200;ok.;closed;",
    "'HTTP/1.1 200 OK|content-length: 2||okmore', 200;ok.;closed;",
    "'HTTP/1.1 204 OK||more', 204.;closed;",
    "'HTTP/1.1 101 OK||', PROTOCOL_ERROR http1.unexpected_101;closed;",
    "'HTTP/1.1 2x0 OK||', PROTOCOL_ERROR http1.invalid_start_line;closed;",
    "'HTTP/1.1 200 OK|transfer-encoding: chunked||x', "
        + "200;PROTOCOL_ERROR http1.invalid_chunk;closed;"
  })
  void responseIsToldAndLeavesACleanConnectionToThePool(String response, String expected) {
    ask("GET");
    read(response.replace("|", "\r\n"));
    channel.runPendingTasks();
    assertEquals(expected, told());
    assertEquals(expected.endsWith("idle;"), connection.active());
  }

  @Test
  void responseToHeadHasNoBody() {
    ask("HEAD");
    read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
    assertEquals("200.;idle;", told());
    ask("GET");
    read(OK);
    assertEquals("200;ok.;idle;", told());
    assertEquals(2, connection.requests());
  }

  @Test
  void bodyWithoutALengthEndsWithTheConnection() {
    ask("GET");
    read("HTTP/1.1 200 OK\r\n\r\n");
    read("a");
    assertEquals("200;a;", told());
    end();
    assertEquals(".;closed;", told());
  }

  @Test
  void bodyWithoutALengthIsCutWithAConnectionThatBreaks() {
    ask("GET");
    read("HTTP/1.1 200 OK\r\n\r\na");
    channel.pipeline().fireExceptionCaught(new IOException("broken"));
    channel.runPendingTasks();
    assertEquals("200;a;CONNECTION_TERMINATION" + DISCONNECT, told());
    assertFalse(connection.active());
  }

  @Test
  void bodyIsCutWhereTheConnectionIsClosedByUs() {
    ask("GET");
    read("HTTP/1.1 200 OK\r\n\r\na");
    connection.close();
    channel.runPendingTasks();
    assertEquals("200;a;CONNECTION_TERMINATION" + DISCONNECT, told());
  }

  @Test
  void requestThatWasNotSentYetIsDroppedWithItsConnection() {
    connection.newStream(new Response()).headers(request("POST"), false);
    channel.pipeline().fireChannelInactive();
    assertEquals("CONNECTION_TERMINATION" + DISCONNECT, told());
    assertEquals("", written());
  }

  @Test
  void bytesThatNobodyAskedForEndTheConnection() {
    read("HTTP/1.1 408 Timeout\r\n\r\n");
    channel.runPendingTasks();
    assertEquals("closed;", told());
    assertFalse(connection.active());
  }

  /** The answer comes while the request is still being sent. */
  @Test
  void answerBeforeTheEndOfTheRequestIsTheLast() {
    StreamEncoder stream = connection.newStream(new Response());
    stream.headers(request("POST"), false);
    written();
    read(OK);
    channel.runPendingTasks();
    assertEquals("200;ok.;closed;", told());
  }

  @Test
  void poolHearsOfTheEndOfAnExchangeWhenTheReadHasEnded() {
    ask("GET");
    channel.pipeline().fireChannelRead(data(OK));
    assertEquals("200;ok.;", told());
    channel.pipeline().fireChannelReadComplete();
    assertEquals("idle;", told());
    channel.pipeline().fireChannelReadComplete();
    assertEquals("", told());
  }

  // ---- the end before the end

  /** What has come of the response, and how the connection ends: "reset" is by the peer. */
  @ParameterizedTest(name = "{0} number {1}, {2}, {3}: {4}")
  @CsvSource({
    "GET, 1, '', closed, CONNECTION_TERMINATION",
    "GET, 2, '', closed, STALE_CONNECTION",
    "GET, 1, '', reset, STALE_CONNECTION",
    "GET, 1, '', broken, CONNECTION_TERMINATION",
    "HEAD, 2, '', closed, STALE_CONNECTION",
    "PUT, 2, '', closed, STALE_CONNECTION",
    "DELETE, 2, '', closed, STALE_CONNECTION",
    "OPTIONS, 2, '', closed, STALE_CONNECTION",
    "TRACE, 2, '', closed, STALE_CONNECTION",
    "POST, 2, '', closed, CONNECTION_TERMINATION",
    "POST, 1, '', reset, CONNECTION_TERMINATION",
    "GET, 2, HTTP, closed, CONNECTION_TERMINATION",
    "GET, 2, HTTP, reset, CONNECTION_TERMINATION"
  })
  void endWithoutAResponseIsToldByWhatMayBeDoneAboutIt(
      String method, int number, String come, String how, String reason) {
    for (int i = 1; i < number; i++) {
      ask("GET");
      read(OK);
      told();
    }
    ask(method);
    if (!come.isEmpty()) {
      read(come);
    }
    switch (how) {
      case "closed" -> end();
      case "reset" ->
          channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      default -> channel.pipeline().fireExceptionCaught(new IOException("broken"));
    }
    channel.runPendingTasks();
    assertEquals(reason + DISCONNECT, told());
  }

  @Test
  void halfABodyIsAFaultOfTheMessage() {
    ask("GET");
    read("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
    end();
    assertEquals("200;o;PROTOCOL_ERROR" + DISCONNECT, told());
  }

  @Test
  void whoResetsItsStreamIsNotTold() {
    ask("GET").reset(ResetReason.LOCAL_RESET);
    channel.runPendingTasks();
    assertEquals("closed;", told());
    assertFalse(connection.active());
  }

  // ---- while it is idle

  @Test
  void idleConnectionClosesInTimeAndOneInUseDoesNot() {
    IdleList others = new IdleList(1);
    connection.idleUntil(clock.nanoTime() + 5, others);
    pass(Duration.ofNanos(4));
    ask("GET");
    pass(Duration.ofHours(1));
    assertTrue(connection.active());
    read(OK);
    connection.idleUntil(LazyTimer.NEVER, others);
    pass(Duration.ofHours(1));
    assertTrue(connection.active());
    connection.idleUntil(clock.nanoTime() + 5, others);
    pass(Duration.ofNanos(5));
    assertFalse(connection.active());
    assertEquals("200;ok.;idle;closed;", told());
  }

  @Test
  void ofTooManyIdleOnesItIsEvictedUnlessItIsInUseOrGone() {
    IdleList others = new IdleList(1);
    connection.idleUntil(LazyTimer.NEVER, others);
    ask("GET");
    others.add(new IdleList.Entry(() -> {}));
    assertEquals("", told());
    read(OK);
    connection.idleUntil(LazyTimer.NEVER, others);
    others.add(new IdleList.Entry(() -> {}));
    assertEquals("200;ok.;idle;evicted;", told());
    connection.idleUntil(LazyTimer.NEVER, others);
    end();
    others.add(new IdleList.Entry(() -> {}));
    assertEquals("closed;", told());
  }

  @Test
  void drainedConnectionClosesBehindItsExchangeOrAtOnce() {
    ask("GET");
    connection.drain();
    channel.runPendingTasks();
    assertTrue(connection.active());
    read(OK);
    channel.runPendingTasks();
    assertEquals("200;ok.;closed;", told());
  }

  @Test
  void idleConnectionThatIsDrainedCloses() {
    connection.drain();
    channel.runPendingTasks();
    assertEquals("closed;", told());
  }

  // ---- back-pressure

  @Test
  void pausedReadsGoOnForTheNextRequest() {
    StreamEncoder stream = ask("GET");
    stream.readDisable(true);
    assertFalse(channel.config().isAutoRead());
    stream.readDisable(false);
    assertTrue(channel.config().isAutoRead());
    stream.readDisable(true);
    read(OK);
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void streamHearsWhetherItsWritesPileUp() {
    StreamEncoder stream = ask("GET");
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    assertFalse(stream.writable());
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    channel.runPendingTasks();
    assertTrue(stream.writable());
    assertEquals("full;writable;", told());
  }

  // ---- tunnels

  private StreamEncoder tunnel() {
    StreamEncoder stream = connection.newStream(new Response());
    stream.headers(request("GET", "upgrade", "chat"), false);
    assertEquals(
        "GET / HTTP/1.1\r\nHost: app\r\nupgrade: chat\r\nConnection: Upgrade\r\n\r\n", written());
    return stream;
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", ""})
  void tunnelPassesBytesUntilBothHaveEnded(String to) {
    StreamEncoder stream = tunnel();
    read(
        "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\n"
            + (to.isEmpty() ? "" : "upgrade: chat\r\n")
            + "\r\nearly");
    assertEquals(to.isEmpty() ? "101;early;" : "101 chat;early;", told());
    stream.data(data("GET / HTTP/1.1"), false);
    assertEquals("GET / HTTP/1.1", written());
    stream.data(data("end"), true);
    assertEquals("end", written());
    assertTrue(connection.active());
    read("late");
    assertEquals("late;", told());
    end();
    assertEquals(".;closed;", told());
  }

  @Test
  void anAppThatDeclinesATunnelHasAnsweredAnOrdinaryRequest() {
    tunnel();
    read(OK);
    assertEquals("200;ok.;idle;", told());
    assertTrue(connection.active());
  }

  @Test
  void requestForATunnelIsNotToBeSentTwice() {
    ask("GET");
    read(OK);
    tunnel();
    end();
    assertEquals("200;ok.;idle;CONNECTION_TERMINATION" + DISCONNECT, told());
  }

  /** RFC 8441 5: a client of HTTP/2 sends none. */
  @ParameterizedTest
  @CsvSource({
    "true, websocket, '', true",
    "true, WebSocket, '', true",
    "true, chat, '', false",
    "true, websocket, mine, false",
    "false, websocket, '', false"
  })
  void keyOfAWebSocketIsMadeWhereTheClientHasNone(
      boolean extended, String upgrade, String key, boolean made) {
    StreamEncoder stream = connection.newStream(new Response());
    Headers request = request("GET", "upgrade", upgrade);
    request.extendedConnect(extended);
    if (!key.isEmpty()) {
      request.add("sec-websocket-key", key);
    }
    stream.headers(request, false);
    String head = written();
    assertEquals(
        made,
        head.matches("(?s).*\r\nsec-websocket-key: (?!AAAAAAAAAAAAAAAAAAAAAA)[\\w+/]{22}==\r\n.*"),
        head);
  }

  @Test
  void factsAreThoseOfItsChannel() {
    assertEquals(Protocol.HTTP1, connection.protocol());
    assertNull(connection.tls());
    assertTrue(connection.active());
    assertEquals(0, connection.requests());
  }
}
