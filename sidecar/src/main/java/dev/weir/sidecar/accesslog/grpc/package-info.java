/**
 * Access logs of entries that a receiver takes by Envoy's service of gRPC. In come the facts of a
 * stream that is over, on its loop, where they are copied into a queue of {@code telemetry.otlp};
 * the queue's thread makes messages of them and sends these on a stream to the receiver, opened
 * when there is the first to send and anew when it ends.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/service/accesslog/v3/als.proto
 */
@NullMarked
package dev.weir.sidecar.accesslog.grpc;

import org.jspecify.annotations.NullMarked;
