package dev.weir.sidecar.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a gRPC client learns of a call that the sidecar refused: gRPC's own error model. */
class GrpcRefusalTest {
  private static final MethodDescriptor<Empty, Empty> METHOD =
      MethodDescriptor.<Empty, Empty>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Echo/Call")
          .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .build();

  private TestSidecar sidecar;
  private ManagedChannel channel;

  /** There is nobody behind the sidecar, and one call in a thousand seconds is let through. */
  @BeforeEach
  void start() {
    sidecar =
        TestConfig.to(1)
            .filter(
                "weir.filters.http.rate_limit",
                "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                "limits: [{policy: shop/app, name: all, rate_per_second: 0.001, burst: 1}]")
            .http2Upstream()
            .start();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", sidecar.port())
            .usePlaintext()
            .overrideAuthority("echo")
            .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    sidecar.close();
  }

  private Status refusal() {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel,
                    METHOD,
                    CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                    Empty.getDefaultInstance()));
    Status status = Objects.requireNonNull(StatusProto.fromThrowable(refused));
    assertEquals(refused.getStatus().getCode().value(), status.getCode());
    assertEquals(refused.getStatus().getDescription(), status.getMessage());
    return status;
  }

  @Test
  void detailsNameTheReasonThePolicyAndWhenToTryAgain() throws Exception {
    Status unreachable = refusal();
    assertEquals(Code.UNAVAILABLE_VALUE, unreachable.getCode());
    assertEquals(1, unreachable.getDetailsCount());
    ErrorInfo info = unreachable.getDetails(0).unpack(ErrorInfo.class);
    assertEquals("CONNECT_FAILURE", info.getReason());
    assertEquals("weir.dev", info.getDomain());
    assertEquals(Map.of(), info.getMetadataMap());

    Status limited = refusal();
    assertEquals(Code.UNAVAILABLE_VALUE, limited.getCode());
    info = limited.getDetails(0).unpack(ErrorInfo.class);
    assertEquals("RATE_LIMITED", info.getReason());
    assertEquals(Map.of("policy", "shop/app", "limit", "all"), info.getMetadataMap());
    Any retry = limited.getDetails(1);
    long seconds = retry.unpack(RetryInfo.class).getRetryDelay().getSeconds();
    assertTrue(seconds > 900 && seconds <= 1000, "the next token is " + seconds + " s away");
  }
}
