package dev.weir.control.server;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;

/**
 * The services of the mesh, for a client whose names are to lead to them: the admin port's page at
 * the port that proves who is who. Any thread.
 */
public final class ServiceDirectory implements BindableService {
  private static final String NAME = "weir.mesh.v1.ServiceDirectory";

  static final MethodDescriptor<Empty, StringValue> LIST =
      MethodDescriptor.<Empty, StringValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, "List"))
          .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  private final Callable<String> page;

  /**
   * @param page the services as JSON
   */
  public ServiceDirectory(Callable<String> page) {
    this.page = page;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(LIST, ServerCalls.asyncUnaryCall(this::list))
        .build();
  }

  private void list(Empty request, StreamObserver<StringValue> response) {
    String text;
    try {
      text = page.call();
    } catch (Exception e) {
      response.onError(
          Status.UNAVAILABLE.withDescription(String.valueOf(e.getMessage())).asException());
      return;
    }
    response.onNext(StringValue.of(text));
    response.onCompleted();
  }
}
