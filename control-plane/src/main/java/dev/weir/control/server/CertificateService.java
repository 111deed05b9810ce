package dev.weir.control.server;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.ca.Refused;
import dev.weir.control.server.tls.ServerTls;
import dev.weir.protos.istio.v1.auth.IstioCertificateRequest;
import dev.weir.protos.istio.v1.auth.IstioCertificateResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.Consumer;

/** Istio's signing API over the mesh's CA. Any thread. */
public final class CertificateService implements BindableService {
  private static final String NAME = "istio.v1.auth.IstioCertificateService";

  static final MethodDescriptor<IstioCertificateRequest, IstioCertificateResponse> CREATE =
      MethodDescriptor.<IstioCertificateRequest, IstioCertificateResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, "CreateCertificate"))
          .setRequestMarshaller(ProtoUtils.marshaller(IstioCertificateRequest.getDefaultInstance()))
          .setResponseMarshaller(
              ProtoUtils.marshaller(IstioCertificateResponse.getDefaultInstance()))
          .build();

  private final CertificateAuthority authority;
  private final Consumer<String> refused;

  /**
   * @param refused is told who was refused and why, a line each
   */
  public CertificateService(CertificateAuthority authority, Consumer<String> refused) {
    this.authority = authority;
    this.refused = refused;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(CREATE, ServerCalls.asyncUnaryCall(this::create))
        .build();
  }

  private void create(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> response) {
    if (!(Caller.OF.get() instanceof Caller.Proven caller)) {
      response.onError(
          Status.UNAUTHENTICATED
              .withDescription("nobody proves who he is in plain text")
              .asException());
      return;
    }
    if (caller.identity().equals(ServerTls.identity(authority))) {
      refused.accept(caller.identity() + " gets no certificate: it is the control plane's own");
      response.onError(
          Status.PERMISSION_DENIED
              .withDescription("the control plane makes its own certificate itself")
              .asException());
      return;
    }
    try {
      CertificateAuthority.Issued issued =
          authority.issue(
              request.getCsr(),
              caller.identity(),
              Duration.ofSeconds(request.getValidityDuration()));
      response.onNext(
          IstioCertificateResponse.newBuilder().addAllCertChain(issued.chain()).build());
      response.onCompleted();
    } catch (Refused e) {
      refused.accept(caller.identity() + " gets no certificate: " + e.getMessage());
      Status status =
          switch (e.reason()) {
            case REQUEST -> Status.INVALID_ARGUMENT;
            case RATE -> Status.RESOURCE_EXHAUSTED;
            case ISSUER -> Status.UNAVAILABLE;
          };
      response.onError(status.withDescription(e.getMessage()).asException());
    }
  }
}
