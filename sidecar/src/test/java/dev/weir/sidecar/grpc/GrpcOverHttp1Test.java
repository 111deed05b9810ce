package dev.weir.sidecar.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;

/** A call that is HTTP/1.1 on one side of the sidecar and HTTP/2 on the other. */
class GrpcOverHttp1Test {
  /** A message of three bytes. */
  private static final String MESSAGE = "\0\0\0\0\3abc";

  private static final String CHUNK = "8\r\n" + MESSAGE + "\r\n";

  private static final String CALL =
      "POST /test.Echo/Call HTTP/1.1\r\nHost: app\r\nContent-Type: application/grpc\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n\r\n"
          + CHUNK
          + "0\r\n\r\n";

  @Test
  void callOverHttp1ReachesAnHttp2ServerAndItsTrailersComeBack() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(CALL);
      try (RawHttp2Client server = upstream.accept()) {
        Http2Headers head = server.head(3);
        assertEquals("application/grpc", String.valueOf(head.get("content-type")));
        assertEquals("trailers", String.valueOf(head.get("te")));
        assertEquals("null", String.valueOf(head.get("transfer-encoding")));
        assertEquals("null", String.valueOf(head.get("connection")));
        assertEquals(MESSAGE, body(server, 3));
        server
            .headers(3, false, ":status", "200", "content-type", "application/grpc")
            .data(3, false, MESSAGE)
            .headers(3, true, "grpc-status", "5", "grpc-message", "none")
            .flush();
        RawClient.Response response = client.read(false);
        assertEquals(200, response.status());
        assertEquals("chunked", response.field("transfer-encoding"));
        assertEquals(MESSAGE + "[grpc-status: 5][grpc-message: none]", response.body());

        // Trailers alone are a head without a body.
        client.send(CALL);
        server.head(5);
        server
            .headers(
                5, true, ":status", "200", "content-type", "application/grpc", "grpc-status", "12")
            .flush();
        RawClient.Response alone = client.read(false);
        assertEquals("12", alone.field("grpc-status"));
        assertEquals("", alone.body());
      }
    }
  }

  @Test
  void callOverHttp2ReachesAnHttp1ServerAndItsTrailersComeBack() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(
                  out,
                  "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n"
                      + CHUNK
                      + "0\r\ngrpc-status: 7\r\ngrpc-message: no\r\n\r\n");
              return true;
            });
        TestSidecar sidecar = TestConfig.to(upstream).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      call(client, 1).data(1, true, MESSAGE).flush();
      assertEquals("application/grpc", String.valueOf(client.head(1).get("content-type")));
      assertEquals(MESSAGE, client.await(RawHttp2Client.DATA, 1).text());
      Http2Headers trailers = client.head(1);
      assertEquals("7", String.valueOf(trailers.get("grpc-status")));
      assertEquals("no", String.valueOf(trailers.get("grpc-message")));
      TestUpstream.Request request = upstream.next();
      assertEquals("POST /test.Echo/Call HTTP/1.1", request.line());
      assertEquals("trailers", request.field("te"));
      assertEquals("te", request.field("connection"), request.head());
      assertEquals(MESSAGE, request.text());
    }
  }

  @Test
  void refusalOfTheSidecarIsGrpcForACallOverEitherProtocol() throws Exception {
    String nowhere =
        TestConfig.to(1)
            .yaml()
            .replace("match: {prefix: \"/\"}", "match: {prefix: \"/elsewhere\"}");
    try (TestSidecar sidecar = TestSidecar.start(nowhere, 1);
        RawClient http1 = new RawClient(sidecar.port());
        RawHttp2Client http2 = new RawHttp2Client(sidecar.port())) {
      RawClient.Response response = http1.send(CALL).read(false);
      assertEquals(200, response.status());
      assertEquals("12", response.field("grpc-status"), "unimplemented, as 404 is to gRPC");
      call(http2, 1).data(1, true, MESSAGE).flush();
      Http2Headers head = http2.head(1);
      assertEquals("200", String.valueOf(head.status()));
      assertEquals("12", String.valueOf(head.get("grpc-status")));
    }
  }

  private static RawHttp2Client call(RawHttp2Client client, int stream) throws Exception {
    return client.headers(
        stream,
        false,
        ":method",
        "POST",
        ":scheme",
        "http",
        ":authority",
        "app",
        ":path",
        "/test.Echo/Call",
        "content-type",
        "application/grpc",
        "te",
        "trailers");
  }

  private static String body(RawHttp2Client from, int stream) throws Exception {
    StringBuilder body = new StringBuilder();
    Frame frame;
    do {
      frame = from.await(RawHttp2Client.DATA, stream);
      body.append(frame.text());
    } while (!frame.endStream());
    return body.toString();
  }
}
