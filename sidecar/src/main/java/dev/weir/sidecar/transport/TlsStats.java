package dev.weir.sidecar.transport;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;

/**
 * TLS's statistics of a listener or a cluster, as Envoy names them.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/listeners/stats#tls-statistics
 */
public final class TlsStats {
  final int handshake;
  final int connectionError;
  final int failVerifyError;
  final int failVerifyNoCert;
  final int failVerifySan;

  /**
   * @param owner names the owner's statistic: prefix, tag and tag key are taken from it
   */
  public TlsStats(Stats stats, StatName owner) {
    handshake = counter(stats, owner, "handshake");
    connectionError = counter(stats, owner, "connection_error");
    failVerifyError = counter(stats, owner, "fail_verify_error");
    failVerifyNoCert = counter(stats, owner, "fail_verify_no_cert");
    failVerifySan = counter(stats, owner, "fail_verify_san");
  }

  private static int counter(Stats stats, StatName owner, String name) {
    return stats.counter(StatName.of(owner.prefix(), owner.tagKey(), owner.tag(), "ssl." + name));
  }
}
