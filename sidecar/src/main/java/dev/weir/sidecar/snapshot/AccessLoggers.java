package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.accesslog.LogFilter;
import dev.weir.sidecar.accesslog.grpc.GrpcLogger;
import dev.weir.sidecar.accesslog.grpc.Receivers;
import dev.weir.sidecar.accesslog.otlp.OtlpLogger;
import dev.weir.sidecar.accesslog.otlp.OtlpLogs;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.telemetry.StreamObserver;

/** Makes what writes or sends access logs. Control thread. */
public final class AccessLoggers {
  private final LogFiles files;
  private final OtlpLogs collectors;
  private final Receivers receivers;

  /**
   * @param files of logs of lines
   * @param collectors of records
   * @param receivers of entries
   */
  public AccessLoggers(LogFiles files, OtlpLogs collectors, Receivers receivers) {
    this.files = files;
    this.collectors = collectors;
    this.receivers = receivers;
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
      case AccessLog.Grpc entries -> entries.filter().ifPresent(LogFilter::of);
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
      case AccessLog.Grpc entries -> {
        GrpcLogger logger = new GrpcLogger(entries, receivers);
        owned.add(logger::close);
        yield logger;
      }
    };
  }
}
