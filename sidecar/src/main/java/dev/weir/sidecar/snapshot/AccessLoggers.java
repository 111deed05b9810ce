package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.accesslog.otlp.OtlpLogger;
import dev.weir.sidecar.accesslog.otlp.OtlpLogs;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.telemetry.StreamObserver;

/** Makes what writes or sends access logs. Control thread. */
public final class AccessLoggers {
  private final LogFiles files;
  private final OtlpLogs collectors;

  /**
   * @param files of logs of lines
   * @param collectors of records
   */
  public AccessLoggers(LogFiles files, OtlpLogs collectors) {
    this.files = files;
    this.collectors = collectors;
  }

  /**
   * {@code log}, of which a logger can be made; nothing is opened.
   *
   * @throws IllegalArgumentException what is wrong with it
   */
  static AccessLog checked(AccessLog log) {
    switch (log) {
      case AccessLog.Lines lines -> AccessLogger.check(lines);
      case AccessLog.Otlp records -> OtlpLogger.check(records);
    }
    return log;
  }

  /**
   * @param owned told what is to be closed with it
   */
  StreamObserver make(AccessLog log, Owned owned) {
    return switch (log) {
      case AccessLog.Lines lines -> {
        AccessLogger logger = new AccessLogger(lines, files);
        owned.add(logger::close);
        yield logger;
      }
      case AccessLog.Otlp records -> {
        OtlpLogger logger = new OtlpLogger(records, collectors);
        owned.add(logger::close);
        yield logger;
      }
    };
  }
}
