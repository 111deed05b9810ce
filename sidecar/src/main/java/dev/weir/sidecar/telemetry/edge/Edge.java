package dev.weir.sidecar.telemetry.edge;

/**
 * What streams are counted by: who called whom, how, and what came of it. All but names has few
 * values.
 *
 * @param responseClass {@code 2xx}; {@code none} without a response, empty for what is no HTTP
 * @param grpcStatus its number; {@code none} where nothing was said, {@code other} for what is no
 *     status, empty for what is no gRPC
 * @param cause the token of a refusal or failure of ours, as in {@code x-weir-cause}; else empty
 * @param policy that decided it, namespace/name; else empty
 * @param shadowCause why it would have been refused first, were that policy not in shadow mode;
 *     else empty
 * @param shadowPolicy that policy; else empty
 */
public record Edge(
    Reporter reporter,
    Workload source,
    Target destination,
    Protocol protocol,
    String responseClass,
    String grpcStatus,
    String cause,
    String policy,
    String shadowCause,
    String shadowPolicy) {
  /** Whose sidecar has seen it. */
  public enum Reporter {
    SOURCE,
    DESTINATION
  }

  public enum Protocol {
    HTTP,
    GRPC,
    TCP
  }

  /**
   * A port of a service.
   *
   * @param service of a cluster of which nobody says whose it is, its name
   * @param port 0 for not known
   */
  public record Target(String service, String namespace, int port) {
    /** It came to no cluster. */
    public static final Target UNKNOWN = new Target("unknown", "unknown", 0);

    /** All for which there is no more room. */
    public static final Target OTHERS = new Target("others", "others", 0);
  }

  /** The same without names, whose number nobody bounds. */
  Edge folded() {
    return new Edge(
        reporter,
        Workload.OTHERS,
        Target.OTHERS,
        protocol,
        responseClass,
        grpcStatus,
        "",
        "",
        "",
        "");
  }
}
