package dev.weir.sidecar.transport;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.Stats;

/**
 * TLS's statistics of a listener or a cluster, as Envoy names them.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/listeners/stats#tls-statistics
 */
public final class TlsStats {
  /** Of who has no TLS: nothing is told. */
  public static final TlsStats NOWHERE =
      new TlsStats(StatScope.NOWHERE, StatName.of("", "", "", ""));

  private final StatScope scope;
  int handshake;
  int connectionError;
  int failVerifyError;
  int failVerifyNoCert;
  int failVerifySan;
  int failVerifyCertHash;
  int noCertificate;
  int notReady;

  /**
   * @param owner names the owner's statistic: prefix, tag and tag key are taken from it
   */
  public TlsStats(Stats stats, StatName owner) {
    this(stats.newScope(), owner);
  }

  private TlsStats(StatScope scope, StatName owner) {
    this.scope = scope;
    handshake = counter(owner, "handshake");
    connectionError = counter(owner, "connection_error");
    failVerifyError = counter(owner, "fail_verify_error");
    failVerifyNoCert = counter(owner, "fail_verify_no_cert");
    failVerifySan = counter(owner, "fail_verify_san");
    failVerifyCertHash = counter(owner, "fail_verify_cert_hash");
    noCertificate = counter(owner, "no_certificate");
    notReady = counter(owner, "ssl_context_not_ready");
  }

  /** The owner is gone: connections of its that go on are counted nowhere. Control thread. */
  public void close() {
    handshake = Stats.NOWHERE;
    connectionError = Stats.NOWHERE;
    failVerifyError = Stats.NOWHERE;
    failVerifyNoCert = Stats.NOWHERE;
    failVerifySan = Stats.NOWHERE;
    failVerifyCertHash = Stats.NOWHERE;
    noCertificate = Stats.NOWHERE;
    notReady = Stats.NOWHERE;
    scope.close();
  }

  private int counter(StatName owner, String name) {
    return scope.counter(StatName.of(owner.prefix(), owner.tagKey(), owner.tag(), "ssl." + name));
  }
}
