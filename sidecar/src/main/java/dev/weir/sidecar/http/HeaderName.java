package dev.weir.sidecar.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A well-known header name. Its number is its place in a 64-bit set, so that asking a head for one
 * that is not there costs one test.
 */
public final class HeaderName {
  /** Above every name's number. */
  public static final int NUMBERS = 64;

  private static final List<HeaderName> ALL = new ArrayList<>();
  private static final @Nullable HeaderName[] TABLE = new HeaderName[512];

  public static final HeaderName HOST = make("host");
  public static final HeaderName CONNECTION = make("connection");
  public static final HeaderName KEEP_ALIVE = make("keep-alive");
  public static final HeaderName PROXY_CONNECTION = make("proxy-connection");
  public static final HeaderName TRANSFER_ENCODING = make("transfer-encoding");
  public static final HeaderName TE = make("te");
  public static final HeaderName TRAILER = make("trailer");
  public static final HeaderName UPGRADE = make("upgrade");
  public static final HeaderName HTTP2_SETTINGS = make("http2-settings");
  public static final HeaderName CONTENT_LENGTH = make("content-length");
  public static final HeaderName CONTENT_TYPE = make("content-type");
  public static final HeaderName EXPECT = make("expect");
  public static final HeaderName DATE = make("date");
  public static final HeaderName SERVER = make("server");
  public static final HeaderName LOCATION = make("location");
  public static final HeaderName RETRY_AFTER = make("retry-after");
  public static final HeaderName PROXY_STATUS = make("proxy-status");
  public static final HeaderName USER_AGENT = make("user-agent");
  public static final HeaderName COOKIE = make("cookie");
  public static final HeaderName IDEMPOTENCY_KEY = make("idempotency-key");
  public static final HeaderName X_FORWARDED_FOR = make("x-forwarded-for");
  public static final HeaderName X_FORWARDED_PROTO = make("x-forwarded-proto");
  public static final HeaderName X_REQUEST_ID = make("x-request-id");
  public static final HeaderName GRPC_TIMEOUT = make("grpc-timeout");
  public static final HeaderName GRPC_RETRY_PUSHBACK_MS = make("grpc-retry-pushback-ms");
  public static final HeaderName GRPC_STATUS = make("grpc-status");
  public static final HeaderName GRPC_MESSAGE = make("grpc-message");
  public static final HeaderName TRACEPARENT = make("traceparent");
  public static final HeaderName TRACESTATE = make("tracestate");
  public static final HeaderName B3 = make("b3");
  public static final HeaderName X_B3_TRACE_ID = make("x-b3-traceid");
  public static final HeaderName X_B3_SPAN_ID = make("x-b3-spanid");
  public static final HeaderName X_B3_PARENT_SPAN_ID = make("x-b3-parentspanid");
  public static final HeaderName X_B3_SAMPLED = make("x-b3-sampled");
  public static final HeaderName X_B3_FLAGS = make("x-b3-flags");
  public static final HeaderName X_TRACE_ID = make("x-trace-id");
  public static final HeaderName X_WEIR_CAUSE = make("x-weir-cause");

  /** {@code stop}: who is nearer to the failure has tried again already. */
  public static final HeaderName X_WEIR_RETRY = make("x-weir-retry");

  public static final HeaderName X_ENVOY_ATTEMPT_COUNT = make("x-envoy-attempt-count");
  public static final HeaderName X_ENVOY_EXPECTED_RQ_TIMEOUT_MS =
      make("x-envoy-expected-rq-timeout-ms");
  public static final HeaderName X_ENVOY_ORIGINAL_PATH = make("x-envoy-original-path");
  public static final HeaderName X_ENVOY_OVERLOADED = make("x-envoy-overloaded");
  public static final HeaderName X_ENVOY_RATELIMITED = make("x-envoy-ratelimited");
  public static final HeaderName X_ENVOY_UPSTREAM_SERVICE_TIME =
      make("x-envoy-upstream-service-time");
  public static final HeaderName X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS =
      make("x-envoy-upstream-rq-timeout-ms");
  public static final HeaderName X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS =
      make("x-envoy-upstream-rq-per-try-timeout-ms");
  public static final HeaderName X_ENVOY_UPSTREAM_STREAM_DURATION_MS =
      make("x-envoy-upstream-stream-duration-ms");
  public static final HeaderName X_ENVOY_MAX_RETRIES = make("x-envoy-max-retries");
  public static final HeaderName X_ENVOY_RETRY_ON = make("x-envoy-retry-on");
  public static final HeaderName X_ENVOY_RETRY_GRPC_ON = make("x-envoy-retry-grpc-on");
  public static final HeaderName X_ENVOY_RETRIABLE_STATUS_CODES =
      make("x-envoy-retriable-status-codes");
  public static final HeaderName X_ENVOY_RETRIABLE_HEADER_NAMES =
      make("x-envoy-retriable-header-names");
  public static final HeaderName X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE =
      make("x-envoy-upstream-rq-timeout-alt-response");
  public static final HeaderName X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT =
      make("x-envoy-hedge-on-per-try-timeout");
  public static final HeaderName X_ENVOY_DECORATOR_OPERATION = make("x-envoy-decorator-operation");
  public static final HeaderName X_ENVOY_INTERNAL = make("x-envoy-internal");
  public static final HeaderName GRPC_STATUS_DETAILS = make("grpc-status-details-bin");

  private final int number;
  private final String text;
  private final byte[] bytes;
  private final AsciiString ascii;

  private HeaderName(int number, String text) {
    this.number = number;
    this.text = text;
    this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    this.ascii = AsciiString.cached(text);
  }

  private static HeaderName make(String text) {
    HeaderName name = new HeaderName(ALL.size() + 1, text);
    if (name.number >= NUMBERS) {
      throw new IllegalStateException("more than 63 well-known names");
    }
    ALL.add(name);
    int slot = hash(name.bytes, 0, name.bytes.length);
    while (TABLE[slot] != null) {
      slot = (slot + 1) & (TABLE.length - 1);
    }
    TABLE[slot] = name;
    return name;
  }

  private static int hash(byte[] bytes, int start, int length) {
    int first = bytes[start] | 0x20;
    int middle = bytes[start + (length >> 1)] | 0x20;
    int last = bytes[start + length - 1] | 0x20;
    return (length * 37 + first * 131 + middle * 17 + last * 5) & (TABLE.length - 1);
  }

  /** The well-known name spelled by these bytes in any case, or null. {@code length} is above 0. */
  public static @Nullable HeaderName lookup(byte[] bytes, int start, int length) {
    int slot = hash(bytes, start, length);
    for (HeaderName name = TABLE[slot]; name != null; name = TABLE[slot]) {
      if (name.bytes.length == length
          && Ascii.equalsIgnoreCase(name.bytes, 0, bytes, start, length)) {
        return name;
      }
      slot = (slot + 1) & (TABLE.length - 1);
    }
    return null;
  }

  public static @Nullable HeaderName lookup(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return bytes.length == 0 ? null : lookup(bytes, 0, bytes.length);
  }

  static HeaderName byNumber(int number) {
    return ALL.get(number - 1);
  }

  /** 1 to 63. */
  public int number() {
    return number;
  }

  /** In lower case; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** In lower case, for HPACK. */
  public AsciiString ascii() {
    return ascii;
  }

  @Override
  public String toString() {
    return text;
  }
}
