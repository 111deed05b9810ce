package dev.weir.sidecar.telemetry.trace;

import java.util.List;
import java.util.Set;

/** The statuses of gRPC: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
final class GrpcStatusNames {
  private static final List<String> NAMES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  /** What is a server's own doing, by OpenTelemetry's conventions of gRPC. */
  private static final Set<String> OF_SERVER =
      Set.of(
          "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

  private GrpcStatusNames() {}

  /** Of a {@code grpc-status}; UNKNOWN for one that is none. */
  static String of(String number) {
    for (int i = 0; i < NAMES.size(); i++) {
      if (number.equals(Integer.toString(i))) {
        return NAMES.get(i);
      }
    }
    return "UNKNOWN";
  }

  /**
   * @param client whether the span is the caller's, to whom every failure is one
   */
  static boolean isError(String name, boolean client) {
    return client ? !name.equals("OK") : OF_SERVER.contains(name);
  }
}
