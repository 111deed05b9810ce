package dev.weir.control.server;

import com.google.protobuf.Empty;
import dev.weir.control.model.SpiffeId;
import dev.weir.control.server.PolicyReach.Part;
import dev.weir.protos.service.status.v1alpha1.PolicyReachResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * How far policies have come with the proxies of this control plane, for another one of the same
 * installation and nobody else. Any thread.
 */
public final class ReachService implements BindableService {
  private static final String NAME = "weir.service.status.v1alpha1.PolicyReachService";

  public static final MethodDescriptor<Empty, PolicyReachResponse> LOOK =
      MethodDescriptor.<Empty, PolicyReachResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, "Look"))
          .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(PolicyReachResponse.getDefaultInstance()))
          .build();

  private final SpiffeId self;
  private final Callable<Optional<Part>> look;

  /**
   * @param self who a control plane is
   * @param look what is to be told; empty: it is about to be something else
   */
  public ReachService(SpiffeId self, Callable<Optional<Part>> look) {
    this.self = self;
    this.look = look;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(LOOK, ServerCalls.asyncUnaryCall(this::look))
        .build();
  }

  private void look(Empty request, StreamObserver<PolicyReachResponse> response) {
    if (!(Caller.OF.get() instanceof Caller.Proven caller) || !caller.identity().equals(self)) {
      response.onError(
          Status.PERMISSION_DENIED.withDescription("it is told to control planes").asException());
      return;
    }
    try {
      Part part =
          look.call()
              .orElseThrow(
                  () -> Status.UNAVAILABLE.withDescription("it is being compiled").asException());
      response.onNext(message(part));
      response.onCompleted();
    } catch (Exception e) {
      response.onError(
          Status.fromThrowable(e).getCode() == Status.Code.UNKNOWN
              ? Status.UNAVAILABLE.withDescription(String.valueOf(e.getMessage())).asException()
              : e);
    }
  }

  private static PolicyReachResponse message(Part part) {
    PolicyReachResponse.Builder message =
        PolicyReachResponse.newBuilder().putAllVersions(part.versions());
    part.reach()
        .forEach((policy, reach) ->
            message.putReach(
                policy,
                dev.weir.protos.service.status.v1alpha1.PolicyReach.newBuilder()
                    .setConcerned(reach.concerned())
                    .setApplied(reach.applied())
                    .setRefusing(reach.refusing())
                    .putAllRefused(reach.refused())
                    .putAllLeft(reach.left())
                    .build()));
    return message.build();
  }

  /** What was told. */
  static Part part(PolicyReachResponse message) {
    TreeMap<String, PolicyReach.Reach> reach = new TreeMap<>();
    message
        .getReachMap()
        .forEach((policy, of) ->
            reach.put(
                policy,
                new PolicyReach.Reach(
                    of.getConcerned(),
                    of.getApplied(),
                    of.getRefusing(),
                    new TreeMap<>(of.getRefusedMap()),
                    new TreeMap<>(of.getLeftMap()),
                    new TreeMap<>())));
    return new Part(reach, message.getVersionsMap());
  }
}
