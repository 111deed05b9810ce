package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpcTest {
  @ParameterizedTest
  @CsvSource({
    "application/grpc,true",
    "application/grpc+proto,true",
    "application/grpc;charset=x,true",
    "application/grpc-web,false",
    "application/grp,false",
    "text/plain,false",
    "xapplication/grpc,false",
  })
  void contentTypeSaysWhatIsGrpc(String type, boolean grpc) {
    Headers message = Headers.request("POST", "app", "/a/B");
    message.add("x-before", "1");
    message.add("Content-Type", type);
    assertEquals(grpc, Grpc.is(message));
  }

  @Test
  void messageWithoutAContentTypeIsNone() {
    assertFalse(Grpc.is(null));
    assertFalse(Grpc.is(Headers.response(200)));
  }
}
