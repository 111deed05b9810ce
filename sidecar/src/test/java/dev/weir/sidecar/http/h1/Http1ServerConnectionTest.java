package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.testkit.TestConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One downstream connection by itself, its time moved by hand: what it tells and writes. */
class Http1ServerConnectionTest extends ConnectionByHand {
  private static final String GET = "GET /%s HTTP/1.1\r\nhost: app\r\n\r\n";
  private static final String UPGRADE =
      "GET /up HTTP/1.1\r\nhost: app\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n";

  private static final HttpConnectionManager PLAIN = TestConfig.to(1).manager();

  private Http1ServerConnection connection = connect(PLAIN);
  private StreamEncoder answer = connection;

  /** When the stream is to be asked again; it notes down that it was. */
  private long deadline = Long.MAX_VALUE;

  private void connect(String manager) {
    connect(TestConfig.to(1).manager(manager).manager());
  }

  private Http1ServerConnection connect(HttpConnectionManager manager) {
    channel = new EmbeddedChannel();
    connection =
        new Http1ServerConnection(
            loop(),
            manager,
            TrafficDirection.INBOUND,
            new Destination(channel.localAddress(), false),
            new Notes());
    open(connection);
    return connection;
  }

  private final class Notes implements ServerConnection.Owner {
    @Override
    public ServerStream newStream(ServerConnection of, StreamEncoder encoder) {
      answer = encoder;
      return new Stream();
    }

    @Override
    public void malformed(ServerConnection of, int status, String details) {
      told.append("malformed ").append(status).append(' ').append(details).append(';');
    }

    @Override
    public void closed(ServerConnection of) {
      told.append("closed;");
    }
  }

  private final class Stream implements ServerStream {
    @Override
    public void headers(Headers headers, boolean endStream) {
      told.append(headers.method()).append(' ').append(headers.path());
      told.append(headers.value("upgrade") == null ? "" : " upgrade");
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
    public void malformed(int status, String details) {
      told.append("stream malformed ").append(status).append(' ').append(details).append(';');
    }

    @Override
    public void informational(Headers headers) {}

    @Override
    public void writable(boolean writable) {
      told.append(writable ? "writable;" : "full;");
    }

    @Override
    public long deadline(long now) {
      told.append("deadline;");
      return deadline;
    }
  }

  private static Headers response(int status, String... fields) {
    return with(Headers.response(status), fields);
  }

  private void answerOk() {
    answer.headers(response(200, "content-length", "2"), false);
    answer.data(data("ok"), true);
  }

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  // ---- one exchange after the other

  @Test
  void requestsThatCameTogetherAreToldOneAfterTheOther() {
    read(GET.formatted(1) + "POST /2 HTTP/1.1\r\nhost: app\r\ncontent-length: 3\r\n\r\nab");
    assertEquals("GET /1.;", told());
    assertFalse(channel.config().isAutoRead(), "nothing more is read");
    read("c" + GET.formatted(3));
    assertEquals("", told());
    answerOk();
    assertEquals(OK, written());
    assertEquals("POST /2;abc.;", told());
    assertFalse(channel.config().isAutoRead(), "the third waits");
    answerOk();
    assertEquals(OK, written());
    assertEquals("GET /3.;", told());
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void chunksAndTrailersAreTold() {
    read("POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n");
    assertEquals("POST /;a;", told());
    read("x-a: 1\r\n\r\n");
    assertEquals("trailers 1.;", told());
    answerOk();
    assertEquals(OK, written());
    read("POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    assertEquals("POST /;.;", told());
  }

  @Test
  void readsGoOnWhenNoReasonToPauseIsLeft() {
    read(GET.formatted(1));
    connection.readDisable(true);
    assertFalse(channel.config().isAutoRead());
    read(GET.formatted(2));
    connection.readDisable(false);
    assertFalse(channel.config().isAutoRead(), "a request waits");
    connection.readDisable(true);
    answerOk();
    assertEquals("GET /1.;GET /2.;", told());
    assertTrue(channel.config().isAutoRead(), "who paused is gone");
  }

  @Test
  void requestThatWaitsIsDroppedWithItsConnection() {
    read(GET.formatted(1) + GET.formatted(2));
    channel.close();
    channel.runPendingTasks();
    assertEquals("GET /1.;CONNECTION_TERMINATION downstream_remote_disconnect;closed;", told());
  }

  @Test
  void responseThatWasNotSentYetIsDroppedWithItsConnection() {
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "2"), false);
    channel.pipeline().fireChannelInactive();
    assertEquals("", written());
  }

  // ---- the response

  /** Request line and fields, status, fields of the response; the body, "-" is none. */
  @ParameterizedTest(name = "{0}, {1}, {2}, {3}")
  @CsvSource({
    "GET / HTTP/1.1, 200, content-length: 2, ok, content-length: 2||ok, false",
    "GET / HTTP/1.1, 200, x-a: 1, ok, x-a: 1|Transfer-Encoding: chunked||2|ok|0||, false",
    "GET / HTTP/1.1, 200, x-a: 1, -, x-a: 1|content-length: 0||, false",
    "GET / HTTP/1.1, 200, content-length: 0, -, content-length: 0||, false",
    "GET / HTTP/1.1, 599, content-length: 0, -, content-length: 0||, false",
    "GET / HTTP/1.1, 600, content-length: 0, -, content-length: 0||, false",
    "GET / HTTP/1.1, 204, content-length: 0, -, |, false",
    "GET / HTTP/1.1, 204, x-a: 1, ok, x-a: 1||, false",
    "GET / HTTP/1.1, 304, content-length: 9, -, content-length: 9||, false",
    "GET / HTTP/1.1, 304, x-a: 1, -, x-a: 1||, false",
    "HEAD / HTTP/1.1, 200, content-length: 9, -, content-length: 9||, false",
    "HEAD / HTTP/1.1, 200, x-a: 1, -, x-a: 1||, false",
    "HEAD / HTTP/1.1, 200, x-a: 1, ok, x-a: 1||, false",
    "GET / HTTP/1.0, 200, content-length: 2, ok, content-length: 2|Connection: close||ok, true",
    "GET / HTTP/1.0, 200, x-a: 1, ok, x-a: 1|Connection: close||ok, true",
    "GET / HTTP/1.0|connection: keep-alive, 200, content-length: 2, ok,"
        + " content-length: 2|Connection: keep-alive||ok, false",
    "GET / HTTP/1.0|connection: keep-alive, 200, x-a: 1, ok, x-a: 1|Connection: close||ok, true",
    "GET / HTTP/1.1|connection: close, 200, content-length: 2, ok,"
        + " content-length: 2|Connection: close||ok, true"
  })
  void responseIsWrittenAsItsRequestCanTakeIt(
      String request, int status, String field, String body, String expected, boolean closes) {
    read(request.replace("|", "\r\n") + "\r\nhost: app\r\n\r\n");
    boolean none = body.equals("-");
    String[] parts = field.split(": ", -1);
    answer.headers(response(status, parts[0], parts[1]), none);
    if (!none) {
      answer.data(data(body), true);
    }
    String version = request.contains("1.0") ? "HTTP/1.0 " : "HTTP/1.1 ";
    assertEquals(
        version
            + status
            + " "
            + HeadEncoder.reason(status)
            + "\r\n"
            + expected.replace("|", "\r\n"),
        written());
    assertEquals(closes, !channel.isOpen());
  }

  @Test
  void trailersFollowChunksAndNoLength() {
    read(GET.formatted(1));
    answer.headers(response(200), false);
    answer.data(data("a"), false);
    assertEquals("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", written());
    answer.trailers(response(0, "x-a", "1"));
    assertEquals("0\r\nx-a: 1\r\n\r\n", written());
    read(GET.formatted(2));
    answer.headers(response(200, "content-length", "1"), false);
    answer.data(data("a"), false);
    answer.trailers(response(0, "x-a", "1"));
    assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", written());
    read("HEAD / HTTP/1.1\r\nhost: app\r\n\r\n");
    answer.headers(response(200), false);
    answer.trailers(response(0, "x-a", "1"));
    assertEquals("HTTP/1.1 200 OK\r\n\r\n", written());
    read(GET.formatted(3));
    assertEquals("GET /1.;GET /2.;HEAD /.;GET /3.;", told());
  }

  @Test
  void interimResponsesComeBeforeTheResponseAndNotToHttp10() {
    read(GET.formatted(1));
    answer.informational(response(103, "link", "a"));
    assertEquals("HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n", written());
    answer.headers(response(200, "content-length", "2"), false);
    answer.informational(response(103, "link", "a"));
    answer.data(data("ok"), true);
    assertEquals(OK, written());
    read("GET / HTTP/1.0\r\n\r\n");
    answer.informational(response(103, "link", "a"));
    assertEquals("", written());
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, 'content-length: 1', true",
    "1.1, 'transfer-encoding: chunked', true",
    "1.1, 'content-length: 0', false",
    "1.0, 'content-length: 1', false"
  })
  void expectationIsMetWhereThereIsABody(String version, String field, boolean met) {
    read(
        "POST / HTTP/%s\r\nhost: app\r\nexpect: 100-continue\r\n%s\r\n\r\n"
            .formatted(version, field));
    assertEquals(met ? "HTTP/1.1 100 Continue\r\n\r\n" : "", written());
  }

  @Test
  void responseFollowsTheContinueThatHasNotGoneOutYet() {
    read("POST / HTTP/1.1\r\nhost: app\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n");
    connection.informational(response(103));
    answerOk();
    assertEquals("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK, written());
  }

  @ParameterizedTest
  @ValueSource(ints = {4095, 4096, 4097})
  void aBodyFollowsItsHeadHoweverLargeItIs(int size) {
    String body = "x".repeat(size);
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "" + (size + 1)), false);
    answer.data(data(body), false);
    answer.data(data("y"), true);
    assertEquals(
        "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%sy".formatted(size + 1, body), written());
  }

  /** What is more than was announced would be taken for the next response. */
  @Test
  void aBodyLongerThanItsHeadSaysIsCutWithItsConnection() {
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "3"), false);
    answer.data(data("hello"), true);
    assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", written());
    assertFalse(channel.isOpen());
  }

  @Test
  void largestNumberOfRequestsIsTheLast() {
    connect("common_http_protocol_options: {max_requests_per_connection: 2}");
    read(GET.formatted(1));
    answerOk();
    assertEquals(OK, written());
    read(GET.formatted(2) + GET.formatted(3));
    answerOk();
    assertTrue(written().contains("\r\nConnection: close\r\n"));
    assertFalse(channel.isOpen());
    assertEquals("GET /1.;GET /2.;closed;", told());
  }

  // ---- an answer before the request's end

  @ParameterizedTest
  @CsvSource({"65536, true", "65537, false"})
  void aShortRestOfARequestIsReadAway(int rest, boolean stays) {
    read("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: " + (rest + 1) + "\r\n\r\na");
    answerOk();
    assertEquals(stays, written().equals(OK));
    assertEquals(stays, channel.isOpen());
    if (stays) {
      read("b".repeat(rest) + GET.formatted("next"));
      assertEquals("POST /;a;GET /next.;", told());
    }
  }

  @Test
  void theRestOfARequestHasTheTimeOfAHead() {
    connect("request_headers_timeout: 3s");
    read("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 5\r\n\r\na");
    answerOk();
    assertEquals(OK, written());
    pass(Duration.ofSeconds(3).minusNanos(1));
    assertTrue(channel.isOpen());
    pass(Duration.ofNanos(1));
    assertFalse(channel.isOpen());
  }

  @Test
  void afterTheRestOfARequestTheConnectionIsIdle() {
    connect("request_headers_timeout: 3s\ncommon_http_protocol_options: {idle_timeout: 60s}");
    read("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 5\r\n\r\na");
    answerOk();
    read("bcde");
    pass(Duration.ofSeconds(59));
    assertTrue(channel.isOpen());
    pass(Duration.ofSeconds(1));
    assertFalse(channel.isOpen());
  }

  // ---- what is malformed

  private static String refusal(String details) {
    String text = "malformed request: " + details;
    return "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: "
        + text.length()
        + "\r\nx-weir-cause: malformed-request\r\nConnection: close\r\n\r\n"
        + text;
  }

  @Test
  void headThatIsMalformedIsRefused() {
    read("GET / HTTP/1.1\r\nno field\r\n\r\n" + GET.formatted("next"));
    assertEquals(refusal("http1.invalid_field_name"), written());
    assertEquals("malformed 400 http1.invalid_field_name;closed;", told());
    assertFalse(channel.isOpen());
  }

  @Test
  void bodyThatIsMalformedIsRefusedUnlessAResponseHasBegun() {
    String post = "POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n";
    read(post);
    read("x");
    assertEquals(refusal("http1.invalid_chunk"), written());
    assertEquals("POST /;a;stream malformed 400 http1.invalid_chunk;closed;", told());
    assertFalse(channel.isOpen());
  }

  @Test
  void bodyThatIsMalformedBehindABegunResponseEndsTheConnection() {
    read("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 1\r\n\r\na");
    answerOk();
    written();
    read("POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
    answer.headers(response(200), false);
    written();
    told();
    read("x");
    assertEquals("stream malformed 400 http1.invalid_chunk;closed;", told());
    assertEquals("", written());
    assertFalse(channel.isOpen());
  }

  // ---- time

  @Test
  void headThatDoesNotComeWholeIsAnswered() {
    connect("request_headers_timeout: 3s");
    read("GET / HTTP");
    pass(Duration.ofSeconds(2));
    read("/1.1\r\n");
    pass(Duration.ofSeconds(1).minusNanos(1));
    assertTrue(channel.isOpen());
    pass(Duration.ofNanos(1));
    assertTrue(written().startsWith("HTTP/1.1 408 Request Timeout\r\n"));
    assertFalse(channel.isOpen());
    assertEquals("malformed 408 request_header_timeout;closed;", told());
  }

  @Test
  void headHasAnyTimeWhereNoneIsSet() {
    connect("request_headers_timeout: 0s\ncommon_http_protocol_options: {idle_timeout: 0s}");
    pass(Duration.ofHours(5));
    read("GET / HTTP");
    pass(Duration.ofHours(5));
    read("/1.1\r\nhost: app\r\n\r\n");
    assertEquals("GET /.;", told());
    answerOk();
    pass(Duration.ofHours(5));
    assertTrue(channel.isOpen());
  }

  @Test
  void idleConnectionEndsAndOneWithARequestDoesNot() {
    connect("common_http_protocol_options: {idle_timeout: 60s}");
    pass(Duration.ofSeconds(59));
    read(GET.formatted(1));
    pass(Duration.ofHours(5));
    answerOk();
    assertEquals(OK, written());
    pass(Duration.ofSeconds(60).minusNanos(1));
    assertTrue(channel.isOpen());
    pass(Duration.ofNanos(1));
    assertFalse(channel.isOpen());
    assertEquals("GET /1.;closed;", told());
  }

  @Test
  void connectionThatWasNeverUsedEndsToo() {
    connect("common_http_protocol_options: {idle_timeout: 60s}");
    pass(Duration.ofSeconds(60));
    assertFalse(channel.isOpen());
  }

  @Test
  void timesOfAStreamEndWithIt() {
    connect("request_headers_timeout: 0s\ncommon_http_protocol_options: {idle_timeout: 0s}");
    read("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 1\r\n\r\n");
    connection.wakeAt(clock.nanoTime() + 5);
    answerOk();
    assertEquals(OK, written());
    pass(Duration.ofHours(5));
    assertTrue(channel.isOpen());
    assertEquals("POST /;", told());
  }

  @Test
  void streamIsAskedWhenItIsDue() {
    read(GET.formatted(1));
    told();
    deadline = clock.nanoTime() + 9;
    connection.wakeAt(clock.nanoTime() + 5);
    pass(Duration.ofNanos(4));
    assertEquals("", told());
    pass(Duration.ofNanos(1));
    assertEquals("deadline;", told());
    deadline = Long.MAX_VALUE;
    pass(Duration.ofNanos(4));
    assertEquals("deadline;", told());
    pass(Duration.ofHours(5));
    assertEquals("", told());
  }

  // ---- draining

  @Test
  void drainingConnectionSaysSoAndEndsWhenItIsIdle() {
    read(GET.formatted(1));
    connection.drain();
    pass(Duration.ofSeconds(2));
    answerOk();
    assertTrue(written().contains("\r\nConnection: close\r\n"));
    assertFalse(channel.isOpen());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void idleConnectionThatDrainsHasASecond(boolean begun) {
    if (begun) {
      read("GET");
    }
    connection.drain();
    pass(Duration.ofSeconds(1).minusNanos(1));
    assertTrue(channel.isOpen());
    pass(Duration.ofNanos(1));
    assertEquals(begun, channel.isOpen());
  }

  @Test
  void drainingConnectionWhoseResponseHadBegunHasASecondBehindIt() {
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "2"), false);
    connection.drain();
    answer.data(data("ok"), true);
    assertEquals(OK, written());
    pass(Duration.ofSeconds(1).minusNanos(1));
    assertTrue(channel.isOpen());
    pass(Duration.ofNanos(1));
    assertFalse(channel.isOpen());
  }

  // ---- the end

  @ParameterizedTest
  @ValueSource(strings = {"idle", "request", "tunnel"})
  void clientThatHasSaidAllEndsItsConnectionUnlessItIsATunnel(String what) {
    if (what.equals("request")) {
      read(GET.formatted(1));
    } else if (what.equals("tunnel")) {
      read(UPGRADE);
      answer.headers(response(101, "upgrade", "chat"), false);
    }
    written();
    told();
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
    assertEquals(
        switch (what) {
          case "idle" -> "closed;";
          case "request" -> "CONNECTION_TERMINATION downstream_remote_disconnect;closed;";
          default -> ".;";
        },
        told());
    assertEquals(what.equals("tunnel"), channel.isOpen());
    if (channel.isOpen()) {
      answer.data(data("last"), false);
      assertEquals("last", written());
      answer.data(Unpooled.EMPTY_BUFFER, true);
      written();
      assertFalse(channel.isOpen());
    }
  }

  @Test
  void whatWasWrittenGoesOutToAClientThatHasSaidAll() {
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "2"), false);
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", written());
  }

  @Test
  void whatWasWrittenGoesOutBeforeAReset() {
    read(GET.formatted(1));
    answer.headers(response(200, "content-length", "9"), false);
    answer.data(data("cut"), false);
    answer.reset(ResetReason.LOCAL_RESET);
    assertTrue(written().endsWith("\r\n\r\ncut"));
    assertFalse(channel.isOpen());
    assertEquals("GET /1.;closed;", told(), "who resets is not told");
  }

  @Test
  void connectionThatBreaksIsClosed() {
    read(GET.formatted(1));
    channel.pipeline().fireExceptionCaught(new IOException("broken"));
    channel.runPendingTasks();
    assertFalse(channel.isOpen());
    assertEquals("GET /1.;CONNECTION_TERMINATION downstream_remote_disconnect;closed;", told());
  }

  @Test
  void otherEventsArePassedOn() {
    StringBuilder seen = new StringBuilder();
    channel
        .pipeline()
        .addLast(
            new io.netty.channel.ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(
                  io.netty.channel.ChannelHandlerContext context, Object event) {
                seen.append(event);
              }
            });
    channel.pipeline().fireUserEventTriggered("other");
    assertEquals("other", seen.toString());
    assertTrue(channel.isOpen());
  }

  @Test
  void streamHearsWhetherItsWritesPileUp() {
    read(GET.formatted(1));
    assertTrue(connection.writable());
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    channel.runPendingTasks();
    assertFalse(connection.writable());
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    channel.runPendingTasks();
    assertEquals("GET /1.;full;writable;", told());
  }

  // ---- tunnels

  @Test
  void tunnelPassesWhatCameBeforeTheAgreementAndWhatFollows() {
    read(GET.formatted("before"));
    answerOk();
    assertEquals(OK, written());
    assertEquals("GET /before.;", told());
    read(UPGRADE + "early");
    assertEquals("GET /up upgrade;", told());
    read("er");
    assertEquals("", told());
    assertFalse(channel.config().isAutoRead());
    answer.headers(response(101, "upgrade", "chat"), false);
    assertEquals(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: chat\r\nConnection: Upgrade\r\n\r\n",
        written());
    assertEquals("earlyer;", told());
    assertTrue(channel.config().isAutoRead());
    read("later");
    assertEquals("later;", told());
    answer.data(data("HTTP"), false);
    assertEquals("HTTP", written());
    answer.data(data("end"), true);
    assertEquals("end", written());
    assertFalse(channel.isOpen());
    assertEquals("closed;", told());
  }

  @Test
  void whatWaitedIsARequestWhereTheTunnelIsDeclined() {
    read(UPGRADE + GET.formatted("next"));
    answerOk();
    assertEquals(OK, written());
    assertEquals("GET /up upgrade;GET /next.;", told());
    assertTrue(channel.isOpen());
  }

  @Test
  void aRequestWithABodyIsNoTunnel() {
    read(UPGRADE.replace("\r\n\r\n", "\r\ncontent-length: 1\r\n\r\na"));
    assertEquals("GET /up;a.;", told());
  }

  // ---- facts

  @Test
  void factsAreThoseOfItsChannelAndItsRequest() {
    assertEquals(Protocol.HTTP1, connection.protocol());
    assertEquals(TrafficDirection.INBOUND, connection.direction());
    assertEquals(channel.remoteAddress(), connection.remoteAddress());
    assertEquals(channel.localAddress(), connection.destination().address());
    assertNull(connection.tls());
    assertSame(channel.eventLoop(), connection.loop().eventLoop());
    assertEquals("HTTP/1.1", connection.version());
    read("GET / HTTP/1.0\r\n\r\n");
    assertEquals("HTTP/1.0", connection.version());
    connection.close();
    assertFalse(channel.isOpen());
  }
}
