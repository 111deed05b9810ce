package dev.weir.sidecar.telemetry.summary;

import dev.weir.protos.service.telemetry.v1alpha1.Edge.Protocol;
import dev.weir.protos.service.telemetry.v1alpha1.Edge.Reporter;
import dev.weir.sidecar.telemetry.edge.Edge;
import dev.weir.sidecar.telemetry.edge.Edge.Target;

/** An edge in the words of the wire. */
final class EdgeMessages {
  private EdgeMessages() {}

  static dev.weir.protos.service.telemetry.v1alpha1.Edge of(Edge edge) {
    return dev.weir.protos.service.telemetry.v1alpha1.Edge.newBuilder()
        .setReporter(
            switch (edge.reporter()) {
              case SOURCE -> Reporter.SOURCE;
              case DESTINATION -> Reporter.DESTINATION;
            })
        .setSource(edge.source().namespace() + "/" + edge.source().name())
        .setDestination(name(edge.destination()))
        .setPort(edge.destination().port())
        .setProtocol(
            switch (edge.protocol()) {
              case HTTP -> Protocol.HTTP;
              case GRPC -> Protocol.GRPC;
              case TCP -> Protocol.TCP;
            })
        .setResponseClass(edge.responseClass())
        .setGrpcStatus(edge.grpcStatus())
        .setCause(edge.cause())
        .setPolicy(edge.policy())
        .setShadowCause(edge.shadowCause())
        .setShadowPolicy(edge.shadowPolicy())
        .build();
  }

  /** Of a cluster of which nobody says whose it is there is no namespace. */
  static String name(Target target) {
    return target.namespace().isEmpty()
        ? target.service()
        : target.namespace() + "/" + target.service();
  }
}
