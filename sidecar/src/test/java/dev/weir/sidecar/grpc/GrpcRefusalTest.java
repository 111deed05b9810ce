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
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
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

  /** There is nobody behind the sidecar. */
  private void start(String filter, String type, String fields) {
    sidecar = TestConfig.to(1).filter(filter, type, fields).http2Upstream().start();
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
    start(
        "weir.filters.http.rate_limit",
        "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
        "limits: [{policy: shop/app, name: all, rate_per_second: 0.001, burst: 1}]");
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

  private static ErrorInfo info(Status status) throws Exception {
    return status.getDetails(0).unpack(ErrorInfo.class);
  }

  @Test
  void callWithoutItsTokenIsUnauthenticated() throws Exception {
    String keys =
        new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("a").generate().toPublicJWK()).toString();
    start(
        "jwt",
        "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers: {idp: {issuer: idp, local_jwks: {inline_string: '%s'}}}, rules: [{match: {prefix: /}, requires: {provider_name: idp}}]"
            .formatted(keys));
    Status refused = refusal();
    assertEquals(Code.UNAUTHENTICATED_VALUE, refused.getCode());
    assertEquals("UNAUTHENTICATED", info(refused).getReason());
  }

  @Test
  void callThatNoPolicyAllowsIsDenied() throws Exception {
    start(
        "rbac",
        "envoy.extensions.filters.http.rbac.v3.RBAC",
        "rules: {action: DENY, policies: {shop/a: {permissions: [{any: true}], principals: [{any: true}]}}}");
    Status refused = refusal();
    assertEquals(Code.PERMISSION_DENIED_VALUE, refused.getCode());
    assertEquals("FORBIDDEN", info(refused).getReason());
    assertEquals("shop/a", info(refused).getMetadataMap().get("policy"));
  }
}
