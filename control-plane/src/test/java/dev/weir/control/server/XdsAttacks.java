package dev.weir.control.server;

import static dev.weir.testkit.Http2Attacks.DATA;
import static dev.weir.testkit.Http2Attacks.END_HEADERS;
import static dev.weir.testkit.Http2Attacks.HEADERS;
import static dev.weir.testkit.Http2Attacks.INITIAL_WINDOW_SIZE;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.testkit.Attack;
import dev.weir.testkit.Http2Attacks;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** By gRPC and by what carries it, on the port where sidecars connect. */
final class XdsAttacks {
  /** Of HTTP/2, by their names: those that a server of gRPC answers otherwise than a proxy. */
  private static final Set<String> HTTP2 =
      Set.of(
          "streams that are reset at once",
          "streams that are to be reset",
          "more streams than are allowed",
          "settings without an end",
          "pings without an end",
          "empty parts of a body",
          "parts of a body of one byte",
          "a head without an end",
          "a head of empty parts",
          "a field of the table in thousands",
          "large answers into no window");

  private static final byte[] HEAD =
      Http2Attacks.request(
          "POST",
          "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
          "content-type",
          "application/grpc",
          "te",
          "trailers");

  private static final Node NODE = Nodes.sidecar("frontend-1", "frontend", "10.0.0.9");
  private static final byte[] NOTHING = {};
  private static final int FRAME = 16 << 10;
  private static final int UNKNOWN = 0x7f;

  private XdsAttacks() {}

  static List<Attack> all() {
    byte[] asks = message(request().addResourceNames("nobody").build().toByteArray());
    byte[] all = message(request().build().toByteArray());
    byte[] garbage = message(Attack.latin1("\377\377\377\377garbage".repeat(10)));
    byte[] part = data(new byte[FRAME], 1, 20);
    Stream<Attack> own =
        Stream.of(
            Attack.silent("connections that say nothing", 1000, ""),
            Attack.silent("half prefaces", 1000, "PRI * HTTP/2.0\r\n"),
            silent("streams that never ask", 20, streams(100, NOTHING)),
            silent("streams that ask for all and read nothing", 50, streams(20, all)),
            endless("requests without an end", 20, streams(1, all), data(asks, 1, 50)),
            endless("ever other nodes", 20, streams(1, asks), streams(1, asks)),
            silent("messages that are none", 50, streams(100, garbage)),
            endless("messages of which little comes", 50, streams(100, announced()), NOTHING),
            endless("long messages, on one stream", 20, streams(1, announced()), part),
            endless("messages by the byte", 20, streams(1, beginning()), bytes(500, 1, 0)),
            endless("bytes among much else", 20, streams(100, beginning()), bytes(20, 100, FRAME)),
            silent("halves of frames", 1500, half()),
            endless("requests that wait", 50, streams(100, asks), waiting(asks)),
            giants());
    return Stream.concat(
            own,
            Http2Attacks.all(HEAD, HEAD, HEAD).stream().filter(each -> HTTP2.contains(each.name())))
        .toList();
  }

  private static Attack silent(String name, int connections, byte[] first) {
    return new Attack(name, connections, opened(first), round -> NOTHING, true);
  }

  private static Attack endless(String name, int connections, byte[] first, byte[] more) {
    return new Attack(name, connections, opened(first), round -> more, true);
  }

  /**
   * The same request of many MiB again and again, by turns of names, an identifier and metadata.
   */
  private static Attack giants() {
    String much = "n".repeat(1 << 20);
    Node.Builder metadata = NODE.toBuilder();
    metadata.getMetadataBuilder().putFields("x", Value.newBuilder().setStringValue(much).build());
    DiscoveryRequest.Builder names = request();
    for (int i = 0; i < 90_000; i++) {
      names.addResourceNames("name-" + i);
    }
    List<byte[]> requests =
        List.of(
            names.build().toByteArray(),
            request().setNode(NODE.toBuilder().setId(much)).build().toByteArray(),
            request().setNode(metadata).build().toByteArray());
    return new Attack(
        "giant requests",
        20,
        opened(NOTHING),
        round -> {
          ByteBuf out = Unpooled.buffer();
          int stream = 2 * round + 1;
          Http2Attacks.frame(out, HEADERS, END_HEADERS, stream, HEAD);
          return Http2Attacks.bytes(
              out.writeBytes(data(message(requests.get(round % requests.size())), stream, 1)));
        },
        true);
  }

  private static DiscoveryRequest.Builder request() {
    return DiscoveryRequest.newBuilder().setNode(NODE).setTypeUrl(ResourceType.CLUSTER.typeUrl());
  }

  private static byte[] opened(byte[] first) {
    return Http2Attacks.bytes(Http2Attacks.opening(INITIAL_WINDOW_SIZE, 0).writeBytes(first));
  }

  /** So many streams that each say {@code first}. */
  private static byte[] streams(int count, byte[] first) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < count; i++) {
      Http2Attacks.frame(out, HEADERS, END_HEADERS, 2 * i + 1, HEAD);
      if (first.length > 0) {
        Http2Attacks.frame(out, DATA, 0, 2 * i + 1, first);
      }
    }
    return Http2Attacks.bytes(out);
  }

  private static byte[] data(byte[] all, int stream, int times) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < times; i++) {
      for (int from = 0; from < all.length; from += FRAME) {
        byte[] part =
            ByteString.copyFrom(all, from, Math.min(FRAME, all.length - from)).toByteArray();
        Http2Attacks.frame(out, DATA, 0, stream, part);
      }
    }
    return Http2Attacks.bytes(out);
  }

  private static byte[] message(byte[] content) {
    return Http2Attacks.bytes(
        Unpooled.buffer().writeByte(0).writeInt(content.length).writeBytes(content));
  }

  /** Of a message as long as may be the beginning. */
  private static byte[] announced() {
    return Http2Attacks.bytes(
        Unpooled.buffer().writeBytes(beginning()).writeBytes(new byte[FRAME - 5]));
  }

  private static byte[] beginning() {
    return Http2Attacks.bytes(Unpooled.buffer().writeByte(0).writeInt(4 << 20));
  }

  /**
   * So many bytes of a body, each on the next one of some streams, and behind each what is none.
   */
  private static byte[] bytes(int count, int streams, int other) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < count; i++) {
      Http2Attacks.frame(out, DATA, 0, 2 * (i % streams) + 1, new byte[1]);
      if (other > 0) {
        Http2Attacks.frame(out, UNKNOWN, 0, 0, new byte[other]);
      }
    }
    return Http2Attacks.bytes(out);
  }

  /** A stream, and of a frame of it the half. */
  private static byte[] half() {
    ByteBuf out = Unpooled.buffer().writeBytes(streams(1, NOTHING));
    Http2Attacks.frame(out, DATA, 0, 1, new byte[FRAME]);
    return Http2Attacks.bytes(out.writerIndex(out.writerIndex() - FRAME / 2));
  }

  /** As many requests on each of a hundred streams as a frame has room for. */
  private static byte[] waiting(byte[] request) {
    ByteBuf many = Unpooled.buffer();
    while (many.readableBytes() + request.length <= FRAME) {
      many.writeBytes(request);
    }
    byte[] frame = Http2Attacks.bytes(many);
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      Http2Attacks.frame(out, DATA, 0, 2 * i + 1, frame);
    }
    return Http2Attacks.bytes(out);
  }
}
