package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.format.JsonTemplate;
import dev.weir.sidecar.format.Template;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import org.jspecify.annotations.Nullable;

/** One access log of lines, of a connection manager or TCP proxy, compiled. */
public final class AccessLogger implements StreamObserver {
  /** Envoy's default, with its trailing newline. */
  private static final String DEFAULT_FORMAT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

  private interface Line {
    void write(StreamInfo info, ByteSink out);
  }

  private final @Nullable LogFilter filter;
  private final Line line;
  private final LogFiles files;
  private final LogFile file;

  /**
   * @throws IllegalArgumentException if the format holds an unknown command operator
   */
  public AccessLogger(AccessLog.Lines config, LogFiles files) {
    this.filter = config.filter().map(LogFilter::of).orElse(null);
    this.line = line(config);
    this.files = files;
    this.file = files.take(config.sink());
  }

  private static Line line(AccessLog.Lines config) {
    return switch (config.format()) {
      case AccessLog.Format.Text(String template) ->
          Template.compile(template.isEmpty() ? DEFAULT_FORMAT : template)::write;
      case AccessLog.Format.Json(AccessLog.Value.Struct fields) -> new JsonTemplate(fields)::write;
    };
  }

  /**
   * Whether a logger can be made of it; nothing is opened.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static void check(AccessLog.Lines config) {
    line(config);
    config.filter().ifPresent(LogFilter::of);
    LogFile.check(config.sink());
  }

  /**
   * No configuration in force has it; streams that began before still log their line. Control
   * thread.
   */
  public void close() {
    files.release(file);
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    if (filter == null || filter.passes(info, loop)) {
      LoopBuffer buffer = file.buffer(loop);
      line.write(info, buffer.sink());
      buffer.lineDone();
    }
  }
}
