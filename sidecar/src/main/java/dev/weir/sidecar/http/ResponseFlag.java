package dev.weir.sidecar.http;

/**
 * Why a response is what it is: Envoy's response flags, bits of a set.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/observability/access_log/usage
 */
public enum ResponseFlag {
  NO_HEALTHY_UPSTREAM("UH"),
  UPSTREAM_CONNECTION_FAILURE("UF"),
  UPSTREAM_OVERFLOW("UO"),
  NO_ROUTE("NR"),
  NO_CLUSTER("NC"),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX"),
  DOWNSTREAM_CONNECTION_TERMINATION("DC"),
  UPSTREAM_CONNECTION_TERMINATION("UC"),
  UPSTREAM_REQUEST_TIMEOUT("UT"),
  UPSTREAM_REMOTE_RESET("UR"),
  UPSTREAM_PROTOCOL_ERROR("UPE"),
  DOWNSTREAM_PROTOCOL_ERROR("DPE"),
  LOCAL_RESET("LR"),
  RATE_LIMITED("RL"),
  UNAUTHORIZED_EXTERNAL_SERVICE("UAEX"),
  STREAM_IDLE_TIMEOUT("SI"),
  DURATION_TIMEOUT("DT"),
  OVERLOAD("OM");

  private final String text;

  ResponseFlag(String text) {
    this.text = text;
  }

  /** The flag's bit in a set. */
  @SuppressWarnings("EnumOrdinal") // a place in a set that never leaves the process
  public int bit() {
    return 1 << ordinal();
  }

  /** Envoy's short form. */
  @Override
  public String toString() {
    return text;
  }

  /** The short forms of a set, joined by commas; {@code -} for the empty set. */
  public static String text(int set) {
    if (set == 0) {
      return "-";
    }
    StringBuilder text = new StringBuilder();
    for (ResponseFlag flag : values()) {
      if ((set & flag.bit()) != 0) {
        text.append(text.isEmpty() ? "" : ",").append(flag.text);
      }
    }
    return text.toString();
  }
}
