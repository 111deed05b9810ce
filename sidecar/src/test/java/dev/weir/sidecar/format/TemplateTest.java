package dev.weir.sidecar.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.listener.AccessLog.Value;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The formats of access logs: each operator, as text and as JSON, with and without a value. */
class TemplateTest {
  /** What each operator writes of {@link #answered}, and of {@link #bare} as text and as JSON. */
  private static final Map<String, List<String>> OPERATORS =
      Map.ofEntries(
          Map.entry("START_TIME", List.of()), // startTimeIsInSecondsOrAsIsoText
          Map.entry("REQ(X-A)", List.of("a", "-", "null")),
          Map.entry("RESP(X-B)", List.of("b", "-", "null")),
          Map.entry("PROTOCOL", List.of("HTTP/1.1", "HTTP/1.1", "\"HTTP/1.1\"")),
          Map.entry("RESPONSE_CODE", List.of("503", "0", "0")),
          Map.entry("RESPONSE_CODE_DETAILS", List.of("details", "-", "null")),
          Map.entry("RESPONSE_FLAGS", List.of("UF", "-", "\"-\"")),
          Map.entry("BYTES_RECEIVED", List.of("12", "0", "0")),
          Map.entry("BYTES_SENT", List.of("345", "0", "0")),
          Map.entry("DURATION", List.of("7", "7", "7")),
          Map.entry("UPSTREAM_HOST", List.of("10.0.0.1:80", "-", "null")),
          Map.entry("UPSTREAM_CLUSTER", List.of("app", "-", "null")),
          Map.entry("UPSTREAM_TRANSPORT_FAILURE_REASON", List.of("refused", "-", "null")),
          Map.entry("UPSTREAM_REQUEST_ATTEMPT_COUNT", List.of("3", "0", "0")),
          Map.entry("DOWNSTREAM_REMOTE_ADDRESS", List.of("10.1.2.3:4567", "10.1.2.3:4567", "")),
          Map.entry("DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", List.of("10.1.2.3", "10.1.2.3", "")),
          Map.entry("DOWNSTREAM_LOCAL_ADDRESS", List.of("10.9.8.7:80", "10.9.8.7:80", "")),
          Map.entry("DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", List.of("10.9.8.7", "10.9.8.7", "")),
          Map.entry("REQUESTED_SERVER_NAME", List.of()), // these by DownstreamTlsTest
          Map.entry("DOWNSTREAM_LOCAL_URI_SAN", List.of()),
          Map.entry("DOWNSTREAM_TLS_VERSION", List.of()),
          Map.entry("DOWNSTREAM_TLS_CIPHER", List.of()),
          Map.entry("DOWNSTREAM_PEER_URI_SAN", List.of()),
          Map.entry("DOWNSTREAM_PEER_DNS_SAN", List.of()),
          Map.entry("DOWNSTREAM_PEER_SUBJECT", List.of()),
          Map.entry("DOWNSTREAM_PEER_ISSUER", List.of()),
          Map.entry("DOWNSTREAM_PEER_SERIAL", List.of()),
          Map.entry("DOWNSTREAM_PEER_FINGERPRINT_256", List.of()),
          Map.entry("CONNECTION_TERMINATION_DETAILS", List.of("forbidden", "-", "null")),
          Map.entry("ROUTE_NAME", List.of("route", "-", "null")),
          Map.entry("VIRTUAL_HOST_NAME", List.of("host", "-", "null")),
          Map.entry("DYNAMIC_METADATA(jwt:claims:sub)", List.of("carol", "-", "null")),
          Map.entry("TRACE_ID", List.of("cafe", "-", "null")),
          Map.entry("WEIR_CAUSE", List.of("connect-failure", "-", "null")),
          Map.entry("WEIR_SHADOW_CAUSE", List.of("rate-limited", "-", "null")));

  private static StreamInfo bare() {
    StreamInfo info = new StreamInfo(new Connection());
    info.endNanos = info.startNanos + 7_900_000;
    return info;
  }

  private static StreamInfo answered() {
    StreamInfo info = bare();
    info.request = Headers.request("GET", "app", "/a?b");
    info.request.add("x-a", "a");
    info.response = Headers.response(503);
    info.response.add("x-b", "b");
    info.status = 503;
    info.details = "details";
    info.connectionTermination = "forbidden";
    info.flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
    info.bytesReceived = 12;
    info.bytesSent = 345;
    info.upstreamHost = "10.0.0.1:80";
    info.cluster = "app";
    info.upstreamFailure = "refused";
    info.attempts = 3;
    info.routeName = "route";
    info.virtualHost = "host";
    info.traceId = "cafe";
    info.metadata()
        .put(
            "jwt",
            "claims",
            Map.of(
                "sub",
                "carol",
                "exp",
                1_900_000_000L,
                "admin",
                true,
                "none",
                DynamicMetadata.NULL,
                "roles",
                List.of("a\"b", "c"),
                "empty",
                Map.of("of", List.of())));
    info.cause = Cause.of("connect-failure");
    info.wouldRefuse(Cause.of("rate-limited"));
    info.wouldRefuse(Cause.of("breaker-open")); // the first is kept
    return info;
  }

  private static String text(String template, StreamInfo info) {
    ByteSink sink = new ByteSink(4);
    Template.compile(template).write(info, sink);
    return new String(sink.bytes(), 0, sink.length(), StandardCharsets.UTF_8);
  }

  private static String json(String template, StreamInfo info) {
    ByteSink sink = new ByteSink(4);
    Template.compile(template).writeJson(info, sink);
    return new String(sink.bytes(), 0, sink.length(), StandardCharsets.UTF_8);
  }

  @Test
  void everyKnownOperatorIsHonoured() {
    List<String> tested =
        OPERATORS.keySet().stream().map(operator -> operator.replaceAll("\\(.*", "")).toList();
    assertEquals(
        Arrays.stream(Operators.KNOWN.split(", ")).sorted().toList(),
        tested.stream().sorted().toList());
    OPERATORS.forEach((operator, expected) -> {
      if (expected.isEmpty()) {
        return;
      }
      String template = "%" + operator + "%";
      assertEquals(expected.get(0), text(template, answered()), operator);
      assertEquals(expected.get(1), text(template, bare()), operator);
      String asJson = expected.get(2).isEmpty() ? "\"" + expected.get(1) + "\"" : expected.get(2);
      assertEquals(asJson, json(template, bare()), operator);
    });
  }

  @Test
  void startTimeIsInSecondsOrAsIsoText() {
    StreamInfo info = bare();
    assertEquals("" + info.startMillis / 1000, text("%START_TIME(%s)%", info));
    assertEquals(
        java.time.Instant.ofEpochMilli(info.startMillis),
        java.time.Instant.parse(text("%START_TIME%", info)));
  }

  @ParameterizedTest
  @CsvSource({
    "%REQ(:METHOD)% %REQ(:PATH)% %REQ(:AUTHORITY)%, GET /a?b app",
    "%REQ(X-NONE?X-A)%, a",
    "%REQ(X-NONE?X-NEITHER)%, -",
    "%REQ(:PATH):2%, /a",
    "%RESP(:STATUS)%, 503",
    "100%% of %PROTOCOL%, 100% of HTTP/1.1",
    "größe %BYTES_SENT% €, größe 345 €",
  })
  void operatorsTakeArgumentsAndStandWithinText(String template, String expected) {
    assertEquals(expected, text(template, answered()));
    assertEquals(expected.equals("-") ? "null" : '"' + expected + '"', json(template, answered()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "jwt:claims:sub | carol | \"carol\"",
        "jwt:claims:exp | 1900000000 | 1900000000",
        "jwt:claims:admin | true | true",
        "jwt:claims:none | null | null",
        "jwt:claims:roles | [\"a\\\"b\",\"c\"] | [\"a\\\"b\",\"c\"]",
        "jwt:claims:empty | {\"of\":[]} | {\"of\":[]}",
        "jwt:claims:sub:more | - | null",
        "jwt:claims:nothing | - | null",
        "ext_authz | - | null",
      })
  void metadataIsTextOrAValueOfJson(String path, String text, String json) {
    String template = "%DYNAMIC_METADATA(" + path + ")%";
    assertEquals(text, text(template, answered()));
    assertEquals(json, json(template, answered()));
  }

  @Test
  void metadataOfAFilterIsAnObjectInTheOrderOfItsKeys() {
    String all = text("%DYNAMIC_METADATA(jwt)%", answered());
    assertTrue(all.startsWith("{\"claims\":{\"admin\":true,\"empty\":"), all);
    assertEquals("car", text("%DYNAMIC_METADATA(jwt:claims:sub):3%", answered()));
  }

  @Property
  void anyValueIsReadBackFromJson(
      @ForAll
          @StringLength(max = 40)
          @CharRange(from = ' ', to = '~')
          @CharRange(from = '\u00a0', to = '\u00ff')
          @Chars('\t')
          String value) {
    StreamInfo info = bare();
    Headers headers = Headers.request("GET", "app", "/");
    headers.add("x-a", value);
    info.request = headers;
    String line = json("%REQ(X-A)%", info);
    Object read = new Load(LoadSettings.builder().build()).loadFromString(line); // JSON is YAML
    assertEquals(value, read, line);
  }

  @Test
  void jsonFormatKeepsOrderTypesAndNesting() {
    JsonTemplate template =
        new JsonTemplate(
            new Value.Struct(
                List.of(
                    new Value.Field("z", new Value.Template("%RESPONSE_CODE%")),
                    new Value.Field("a \"q\"", new Value.Template("%REQ(X-A)% and %REQ(X-NO)%")),
                    new Value.Field("n", new Value.Literal("1.5")),
                    new Value.Field(
                        "s",
                        new Value.Struct(
                            List.of(
                                new Value.Field(
                                    "l",
                                    new Value.Items(
                                        List.of(
                                            new Value.Template("%ROUTE_NAME%"),
                                            new Value.Literal("null"))))))))));
    ByteSink sink = new ByteSink(4);
    template.write(answered(), sink);
    assertEquals(
        "{\"z\":503,\"a \\\"q\\\"\":\"a and -\",\"n\":1.5,\"s\":{\"l\":[\"route\",null]}}\n",
        sink.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%NOPE%",
        "%REQ%",
        "%REQ()%",
        "%REQ(a%",
        "%REQ(a):x%",
        "%PROTOCOL",
        "%RESP(a):%",
        "%DYNAMIC_METADATA%",
        "%DYNAMIC_METADATA(a:)%"
      })
  void formatThatIsWrongIsRefused(String template) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Template.compile(template));
    assertTrue(String.valueOf(refused.getMessage()).contains("%"), refused.getMessage());
  }

  private static final class Connection implements ServerConnection {
    private final Loop loop = TestLoops.of(0, new EmbeddedChannel().eventLoop());

    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public Protocol protocol() {
      return Protocol.HTTP1;
    }

    @Override
    public TrafficDirection direction() {
      return TrafficDirection.INBOUND;
    }

    @Override
    public SocketAddress remoteAddress() {
      return new InetSocketAddress("10.1.2.3", 4567);
    }

    @Override
    public Destination destination() {
      return new Destination(new InetSocketAddress("10.9.8.7", 80), true);
    }

    @Override
    public void wakeAt(long nanos) {}

    @Override
    public void drain() {}

    @Override
    public void close() {}
  }
}
