package dev.weir.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which requests are logged, and how a line is written, field by field. */
@Tag("slow")
class AccessLogFieldsTest {
  private static final long SLOW_NANOS = 60_000_000;
  private static final String PATH = "log_format: {text_format: \"%REQ(:PATH)%\\n\"}";

  @TempDir Path folder;

  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app =
        TestUpstream.start((request, out) -> {
          String path = request.head().split(" ")[1];
          if (path.equals("/cut")) {
            return false;
          }
          if (path.equals("/late")) {
            return true; // it is never answered
          }
          if (path.equals("/slow")) {
            long until = System.nanoTime() + SLOW_NANOS;
            while (System.nanoTime() < until) {
              Thread.onSpinWait();
            }
          }
          return TestUpstream.reply(
              out, path.matches("/[0-9]{3}") ? Integer.parseInt(path.substring(1)) : 200, "");
        });
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  /**
   * What is in the log when the last of the requests must be.
   *
   * @param fields of the {@code AccessLog} beside its file
   */
  private String logged(String fields, String format, String... paths) throws IOException {
    return logged(TestConfig.to(app), fields, format, path -> "", paths);
  }

  private String logged(
      TestConfig config,
      String fields,
      String format,
      UnaryOperator<String> headers,
      String... paths)
      throws IOException {
    Path file = folder.resolve("log");
    String log =
        """
        access_log:
        - name: file
          %s
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
            path: %s
            %s\
        """
            .formatted(fields, file, format);
    try (TestSidecar sidecar = config.manager(log).route("timeout: 0.5s").start()) {
      for (String path : paths) {
        try (RawClient client = new RawClient(sidecar.port())) {
          client
              .send("GET " + path + " HTTP/1.1\r\nHost: app\r\n" + headers.apply(path) + "\r\n")
              .read(false);
        }
      }
      Await.until(() -> text(file).contains(paths[paths.length - 1]));
    }
    return text(file);
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String status(String op, int value) {
    return "status_code_filter: {comparison: {op: %s, value: {default_value: %d, runtime_key: x}}}"
        .formatted(op, value);
  }

  static Stream<Arguments> filters() {
    String slow =
        "duration_filter: {comparison: {op: GE, value: {default_value: 50, runtime_key: x}}}";
    String flag = "response_flag_filter: {flags: [UC]}";
    return Stream.of(
        Arguments.of(status("GE", 500), "/200", "/503"),
        Arguments.of(status("LE", 299), "/503", "/200"),
        Arguments.of(status("EQ", 404), "/503", "/404"),
        Arguments.of(slow, "/200", "/slow"),
        Arguments.of(flag, "/late", "/cut"),
        Arguments.of(
            "header_filter: {header: {name: ':path', string_match: {prefix: /4}}}", "/503", "/404"),
        Arguments.of("grpc_status_filter: {statuses: [UNIMPLEMENTED, ABORTED]}", "/503", "/404"),
        Arguments.of(
            "grpc_status_filter: {statuses: [UNAVAILABLE], exclude: true}", "/503", "/404"),
        Arguments.of(
            "and_filter: {filters: [{%s}, {%s}]}".formatted(status("GE", 500), flag),
            "/503",
            "/cut"),
        Arguments.of(
            "or_filter: {filters: [{%s}, {%s}]}".formatted(status("EQ", 404), flag),
            "/503",
            "/404"));
  }

  @ParameterizedTest
  @MethodSource("filters")
  void onlyWhatPassesTheFilterIsLogged(String filter, String out, String in) throws IOException {
    assertEquals(in + "\n", logged("filter: {" + filter + "}", PATH, out, in));
  }

  /** Of an id the first eight digits decide, so that each log has the same requests. */
  @ParameterizedTest
  @CsvSource({
    "'numerator: 50', 50, ",
    "'numerator: 50', 49, /in",
    "'numerator: 50, denominator: TEN_THOUSAND', 10049, /in",
    "'numerator: 50, denominator: TEN_THOUSAND', 99, ",
  })
  void shareOfRequestsIsDecidedByTheirId(String share, long id, @Nullable String logged)
      throws IOException {
    assertEquals(
        (logged == null ? "" : logged + "\n") + "/last\n",
        sampled(percent(share), id, "/in", "/last"));
  }

  @Test
  void shareThatIsIndependentOfIdsTakesSomeOfThoseOfOneId() throws IOException {
    String[] paths = Stream.generate(() -> "/in").limit(64).toArray(String[]::new);
    paths[63] = "/last";
    String text =
        sampled(percent("numerator: 50") + ", use_independent_randomness: true", 99, paths);
    assertTrue(text.contains("/in\n"), text);
    assertTrue(text.lines().count() < 64, text);
  }

  private static String percent(String share) {
    return "percent_sampled: {" + share + "}";
  }

  /** Of requests of one id those that are in the log, and {@code /last}. */
  private String sampled(String fields, long id, String... paths) throws IOException {
    String filter =
        """
        filter: {or_filter: {filters: [{runtime_filter: {runtime_key: x, %s}}, \
        {header_filter: {header: {name: ":path", string_match: {exact: /last}}}}]}}\
        """
            .formatted(fields);
    return logged(
        TestConfig.to(app),
        filter,
        PATH,
        path -> "x-request-id: %08x-0000-4000-8000-000000000000\r\n".formatted(id),
        paths);
  }

  @Test
  void onlyWhatIsSampledPassesTheTraceableFilter() throws IOException {
    TestConfig traced =
        TestConfig.to(app)
            .filter(
                "trace",
                "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                "propagate: [W3C]");
    assertEquals(
        "/201\n",
        logged(
            traced,
            "filter: {traceable_filter: {}}",
            PATH,
            path ->
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-%s\r\n"
                    .formatted(path.equals("/201") ? "01" : "00"),
            "/200",
            "/201"));
  }

  static Stream<Arguments> formats() {
    return Stream.of(
        Arguments.of("format: \"<%REQ(:PATH)%>\\n\"", "</200>\n"),
        Arguments.of("json_format: {path: \"%REQ(:PATH)%\"}", "{\"path\":\"/200\"}\n"),
        Arguments.of(
            "typed_json_format: {path: \"%REQ(:PATH)%\", code: \"%RESPONSE_CODE%\"}",
            "{\"path\":\"/200\",\"code\":200}\n"),
        Arguments.of("log_format: {text_format: \"[%REQ(:PATH)%]\\n\"}", "[/200]\n"),
        Arguments.of(
            "log_format: {json_format: {path: \"%REQ(:PATH)%\", code: \"%RESPONSE_CODE%\"}}",
            "{\"path\":\"/200\",\"code\":200}\n"));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aLineIsWrittenAsConfigured(String format, String line) throws IOException {
    assertEquals(line, logged("", format, "/200"));
  }

  @Test
  void severalLogsEachHaveTheirLine() throws IOException {
    assertEquals("/200\n/503\n", logged("", PATH, "/200", "/503"));
  }
}
