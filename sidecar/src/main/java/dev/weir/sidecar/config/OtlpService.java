package dev.weir.sidecar.config;

import java.time.Duration;
import java.util.Map;

/** Who takes telemetry: by OTLP, or access logs by Envoy's service of gRPC. */
public sealed interface OtlpService {
  String cluster();

  String authority();

  /** Of one request, above zero. */
  Duration timeout();

  /** Fields of each request, by names in lower case. */
  Map<String, String> fields();

  record Grpc(String cluster, String authority, Duration timeout, Map<String, String> fields)
      implements OtlpService {
    public Grpc {
      fields = Map.copyOf(fields);
    }
  }

  /**
   * @param path in origin form
   */
  record Http(
      String cluster, String authority, String path, Duration timeout, Map<String, String> fields)
      implements OtlpService {
    public Http {
      fields = Map.copyOf(fields);
    }
  }
}
