package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What gRPC's statuses are to those who count in HTTP's. */
class GrpcStatusTest {
  /** OK to UNAUTHENTICATED, and one that is none. */
  @ParameterizedTest(name = "{0}: {1}, failed {2}")
  @CsvSource({
    "0, 200, false",
    "1, 499, false",
    "2, 500, true",
    "3, 400, false",
    "4, 504, true",
    "5, 404, false",
    "6, 409, false",
    "7, 403, false",
    "8, 429, false",
    "9, 400, false",
    "10, 409, false",
    "11, 400, false",
    "12, 501, false",
    "13, 500, true",
    "14, 503, true",
    "15, 500, true",
    "16, 401, false",
    "17, 500, false"
  })
  void statusHasItsCounterpart(String status, int http, boolean failed) {
    Headers response = Headers.response(200);
    response.add("grpc-status", status);
    assertEquals(http, GrpcStatus.toHttp(response));
    assertEquals(failed, GrpcStatus.failed(response));
  }

  @Test
  void responseWithoutOneHasItsOwn() {
    assertEquals(503, GrpcStatus.toHttp(Headers.response(503)));
    assertFalse(GrpcStatus.failed(Headers.response(503)));
  }
}
