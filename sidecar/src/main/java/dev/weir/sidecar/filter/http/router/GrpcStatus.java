package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;

/** gRPC's statuses as HTTP's: google.rpc.Code says which is which, as do Envoy and its peers. */
final class GrpcStatus {
  private GrpcStatus() {}

  /**
   * UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE and DATA_LOSS: gRPC's words for what HTTP
   * calls 5xx.
   */
  static boolean failed(Headers headers) {
    int field = headers.find(HeaderName.GRPC_STATUS);
    return field >= 0
        && switch (headers.value(field)) {
          case "2", "4", "13", "14", "15" -> true;
          default -> false;
        };
  }

  /** The status of a response; that of gRPC, if its head has one already. */
  static int toHttp(Headers response) {
    int field = response.find(HeaderName.GRPC_STATUS);
    return field < 0
        ? response.status()
        : switch (response.value(field)) {
          case "0" -> 200;
          case "1" -> 499;
          case "3", "9", "11" -> 400;
          case "4" -> 504;
          case "5" -> 404;
          case "6", "10" -> 409;
          case "7" -> 403;
          case "8" -> 429;
          case "12" -> 501;
          case "14" -> 503;
          case "16" -> 401;
          default -> 500;
        };
  }
}
