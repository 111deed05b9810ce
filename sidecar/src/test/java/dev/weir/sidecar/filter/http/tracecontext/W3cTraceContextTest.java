package dev.weir.sidecar.filter.http.tracecontext;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What https://www.w3.org/TR/trace-context-2/ says of the two fields, for calls both ways. */
class W3cTraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

  /** Begun here: sampled, its id drawn at random. */
  private static final String NEW = "00-(?!" + TRACE + ")[0-9a-f]{32}-(?!" + SPAN + ").{16}-03";

  private static TestUpstream upstream;
  private static TestSidecar inbound;
  private static TestSidecar outbound;

  @BeforeAll
  static void start() throws IOException {
    upstream = TestUpstream.replying("ok");
    inbound = sidecar("INBOUND");
    outbound = sidecar("OUTBOUND");
  }

  private static TestSidecar sidecar(String direction) throws IOException {
    return TestConfig.to(upstream)
        .listener("traffic_direction: " + direction)
        .filter(
            "trace",
            "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
            "propagate: [W3C]")
        .start();
  }

  @AfterAll
  static void stop() throws IOException {
    inbound.close();
    outbound.close();
    upstream.close();
  }

  /**
   * @param fields as they are sent
   * @param parent a pattern of what travels on
   * @param state what travels on; empty: none
   */
  record Case(String name, List<String> fields, String parent, String state) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case parent(String name, String parent, String expected) {
    return new Case(name, List.of("traceparent: " + parent), expected, "");
  }

  /** A parent that is no good takes its state along. */
  private static Case begun(String name, String parent) {
    return new Case(name, List.of("traceparent: " + parent, "tracestate: a=1"), NEW, "");
  }

  private static Case state(String name, String expected, String... states) {
    List<String> fields = new ArrayList<>(List.of("traceparent: " + PARENT));
    Stream.of(states).map(state -> "tracestate: " + state).forEach(fields::add);
    return new Case(name, fields, PARENT, expected);
  }

  private static Case dropped(String name, String... states) {
    return state(name, "", states);
  }

  private static Case kept(String name, String state) {
    return state(name, state, state);
  }

  private static String flags(String two) {
    return "00-" + TRACE + "-" + SPAN + "-" + two;
  }

  private static String members(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "k" + i + "=" + i)
        .collect(Collectors.joining(","));
  }

  static Stream<Case> cases() {
    String later = "cc-" + TRACE + "-" + SPAN + "-01";
    return Stream.of(
        // traceparent
        new Case("neither", List.of(), NEW, ""),
        parent("sampled", PARENT, PARENT),
        parent("not sampled", flags("00"), flags("00")),
        parent("random", flags("02"), flags("02")),
        parent("random and sampled", flags("03"), flags("03")),
        parent("flags that are not known yet", flags("ff"), flags("ff")),
        parent("name in capitals", PARENT, PARENT),
        parent("blanks around", " \t" + PARENT + " \t", PARENT),
        parent("later version", later, later),
        parent("later version that says more", later + "-more", later + "-more"),
        begun("later version that says more without a dash", later + ".more"),
        begun("later version that is cut", later.substring(0, 54)),
        begun("version ff", "ff" + PARENT.substring(2)),
        begun("version in capitals", "0A" + PARENT.substring(2)),
        begun("version of one digit", PARENT.substring(1)),
        begun("version of three digits", "0" + PARENT),
        begun("version 00 that says more", PARENT + "-more"),
        begun("version 00 that ends with a dash", PARENT + "-"),
        begun("capitals", PARENT.toUpperCase(Locale.ROOT)),
        begun("trace id of zeros", "00-" + "0".repeat(32) + "-" + SPAN + "-01"),
        begun("trace id with another letter", PARENT.replace("4b", "4g")),
        begun("trace id that is too short", PARENT.replace("4b", "4")),
        begun("trace id that is too long", PARENT.replace("4b", "4bb")),
        begun("parent id of zeros", "00-" + TRACE + "-" + "0".repeat(16) + "-01"),
        begun("parent id with a point", PARENT.replace("00f0", "00.0")),
        begun("parent id that is too short", PARENT.replace("-00f0", "-0f0")),
        begun("parent id that is too long", PARENT.replace("-00f0", "-000f0")),
        begun("flags of one digit", flags("1")),
        begun("flags of three digits", flags("001")),
        begun("flags that are none", flags("0x")),
        begun("no flags", "00-" + TRACE + "-" + SPAN),
        begun("other dashes", PARENT.replace('-', '_')),
        begun("nothing in it", ""),
        begun("two in one field", PARENT + "," + PARENT),
        new Case(
            "two fields",
            List.of("traceparent: " + PARENT, "traceparent: " + PARENT, "tracestate: a=1"),
            NEW,
            ""),
        new Case("state alone", List.of("tracestate: a=1"), NEW, ""),
        // tracestate
        kept("one member", "a=1"),
        kept("two members", "foo=1,bar=2"),
        kept("blanks around members", "foo=1 \t , \t bar=2, \t baz=3"),
        kept("members with nothing in them", "foo=1,,bar=2,"),
        kept("the same key twice", "foo=1,foo=2"),
        kept("32 members", members(32)),
        kept("key of several tenants", "t61rcwkgmze@system=x"),
        kept("key that begins with a digit", "0a-_*/@b=x"),
        kept("key of 256", "z".repeat(256) + "=1"),
        kept("value of 256", "a=" + "z".repeat(256)),
        kept("value with a blank in it", "a=b c"),
        kept("value of all that there is", "a=!\"#$%&'()*+-./09:;<>?@AZ[\\]^_`az{|}~"),
        kept("512 characters", "a=" + "y".repeat(253) + ",b=" + "z".repeat(253)),
        state("two fields", "foo=1,bar=2", "foo=1", "bar=2"),
        state("fields in their order", "c=3,a=1,b=2", "c=3,a=1", "b=2"),
        state("32 members in two fields", members(30) + ",x=1,y=2", members(30), "x=1,y=2"),
        dropped("nothing in it", ""),
        dropped("33 members", members(33)),
        dropped("33 members in two fields", members(30), "x=1,y=2,z=3"),
        dropped("no value", "foo"),
        dropped("a value of nothing", "foo=,bar=2"),
        dropped("a key of nothing", "=1"),
        dropped("a blank before the sign", "foo =1"),
        dropped("key in capitals", "FOO=1"),
        dropped("key with a point", "foo.bar=1"),
        dropped("key that begins with an @", "@foo=1"),
        dropped("key that begins with a dash", "-foo=1"),
        dropped("key of 257", "z".repeat(257) + "=1"),
        dropped("value of 257", "a=" + "z".repeat(257)),
        dropped("two signs", "foo=bar=baz"),
        dropped("other separators", "foo=1;bar=2=3"),
        dropped("a tab in the value", "a=b\tc"),
        dropped("letters beyond ASCII", "a=\u00e9"),
        dropped("one bad field of two", "foo=1", "BAR=2"));
  }

  private static void travels(Case one, TestSidecar sidecar) throws Exception {
    String fields = one.fields.stream().map(field -> field + "\r\n").collect(Collectors.joining());
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
    }
    TestUpstream.Request request = upstream.next();
    String parent = request.field("traceparent");
    assertTrue(parent.matches(one.parent), parent);
    assertEquals(one.state, request.field("tracestate"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void inboundCall(Case one) throws Exception {
    travels(one, inbound);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void outboundCall(Case one) throws Exception {
    travels(one, outbound);
  }
}
