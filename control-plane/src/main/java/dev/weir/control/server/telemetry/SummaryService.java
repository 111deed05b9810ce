package dev.weir.control.server.telemetry;

import dev.weir.control.server.Caller;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** Hears the summaries of Weir's sidecars. Any thread. */
public final class SummaryService implements BindableService {
  private static final String NAME = "weir.service.telemetry.v1alpha1.MeshTelemetryService";

  /** The one method. */
  public static final MethodDescriptor<TrafficSummary, SummaryRequest> STREAM =
      MethodDescriptor.<TrafficSummary, SummaryRequest>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, "StreamSummaries"))
          .setRequestMarshaller(ProtoUtils.marshaller(TrafficSummary.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(SummaryRequest.getDefaultInstance()))
          .build();

  private final Hearing hearing;

  public SummaryService(Hearing hearing) {
    this.hearing = hearing;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(this::open))
        .build();
  }

  private StreamObserver<TrafficSummary> open(StreamObserver<SummaryRequest> answers) {
    SummaryStream stream =
        new SummaryStream(
            hearing, (ServerCallStreamObserver<SummaryRequest>) answers, Caller.OF.get());
    stream.opened();
    return stream;
  }
}
