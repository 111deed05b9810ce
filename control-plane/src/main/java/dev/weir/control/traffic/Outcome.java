package dev.weir.control.traffic;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What came of a stream.
 *
 * @param protocol {@code http}, {@code grpc} or {@code tcp}
 * @param responseClass {@code 2xx}; {@code none} without a response, empty for what is no HTTP
 * @param grpcStatus its number; {@code none} where nothing was said, {@code other} for what is no
 *     status, empty for what is no gRPC
 * @param cause of a refusal or failure by the mesh, as in {@code x-weir-cause}; else empty
 * @param policy that decided it, namespace/name; else empty
 * @param shadowCause as {@code cause}, of the first policy in shadow mode that would have refused
 *     it
 * @param shadowPolicy that policy; else empty
 */
public record Outcome(
    String protocol,
    String responseClass,
    String grpcStatus,
    String cause,
    String policy,
    String shadowCause,
    String shadowPolicy) {
  /** All that there is no more room for. */
  static final Outcome OTHER = new Outcome("http", "other", "", "", "", "", "");

  /** Of them, failures. */
  static final Outcome OTHER_FAILURE = new Outcome("http", "5xx", "", "", "", "", "");

  /** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
  private static final Set<String> SERVERS_FAULTS = Set.of("2", "4", "12", "13", "14", "15");

  /**
   * Whether it is what a caller cannot take for an answer: refused by the mesh, no response, a
   * server's fault.
   */
  public boolean failed() {
    return !cause.isEmpty()
        || responseClass.equals("5xx")
        || responseClass.equals("none")
        || SERVERS_FAULTS.contains(grpcStatus);
  }

  /** The same, without what policies in shadow mode say. */
  Outcome withoutShadow() {
    return new Outcome(protocol, responseClass, grpcStatus, cause, policy, "", "");
  }

  /** Those that refused it or would have, each once. */
  public List<String> policies() {
    return Stream.of(policy, shadowPolicy).filter(each -> !each.isEmpty()).distinct().toList();
  }
}
