package dev.weir.sidecar.transport;

import dev.weir.sidecar.testkit.TestSidecar;
import java.util.EnumMap;
import java.util.Map;

/** What becomes of a peer, and the statistic that tells it. */
enum TlsDecision {
  TAKEN("ssl.handshake"),
  NO_CERTIFICATE("ssl.fail_verify_no_cert"),
  NOT_VALID("ssl.fail_verify_error"),
  OTHER_NAME("ssl.fail_verify_san"),
  OTHER_HASH("ssl.fail_verify_cert_hash"),
  NO_HANDSHAKE("ssl.connection_error"),
  NO_CHAIN("no_filter_chain_match");

  private final String stat;

  TlsDecision(String stat) {
    this.stat = stat;
  }

  /**
   * How many of each there were.
   *
   * @param owner of the statistics, as they begin: {@code listener.in}
   */
  static Map<TlsDecision, Long> counts(TestSidecar sidecar, String owner) {
    Map<TlsDecision, Long> counts = new EnumMap<>(TlsDecision.class);
    for (TlsDecision each : values()) {
      counts.put(each, 0L);
    }
    sidecar
        .sidecar()
        .stats()
        .read()
        .forEach(reading -> {
          String name = reading.name().text();
          for (TlsDecision each : values()) {
            if (name.length() == owner.length() + 1 + each.stat.length()
                && name.startsWith(owner)
                && name.endsWith(each.stat)) {
              counts.merge(each, reading.value(), Long::sum);
            }
          }
        });
    return counts;
  }

  /** Whether a refusal for a reason that has a statistic of its own. */
  boolean ofCertificate() {
    return switch (this) {
      case NO_CERTIFICATE, NOT_VALID, OTHER_NAME, OTHER_HASH -> true;
      case TAKEN, NO_HANDSHAKE, NO_CHAIN -> false;
    };
  }
}
