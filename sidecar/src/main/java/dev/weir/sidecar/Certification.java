package dev.weir.sidecar;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.identity.CaClient;
import dev.weir.sidecar.identity.CertificateRenewal;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.Secrets;
import dev.weir.sidecar.xds.Backoff;
import dev.weir.sidecar.xds.ControlThread;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.concurrent.Future;

/** Joins the workload's identity to the sidecar. */
final class Certification {
  private Certification() {}

  /**
   * @param renewed is called when a certificate is in force
   * @param failed is called when it could not be had
   */
  static CertificateRenewal create(
      WorkloadIdentity config,
      AsyncClient client,
      ControlThread control,
      Secrets secrets,
      Stats stats,
      Runnable renewed,
      Runnable failed,
      Log log) {
    int issued = stats.counter(StatName.of("server", "", "", "certificates_issued"));
    int failures = stats.counter(StatName.of("server", "", "", "certificate_failures"));
    SplittableRandom random = new SplittableRandom();
    return new CertificateRenewal(
        config,
        new CertificateRenewal.Parts(
            new CaClient(client, control, config),
            (delay, task) -> {
              Future<?> _ = control.schedule(delay, task);
            },
            Backoff.standard(random.split()),
            Clock.SYSTEM,
            random,
            new SecureRandom(),
            secrets::put,
            secrets::withdraw,
            () -> {
              stats.add(issued, 1);
              renewed.run();
            },
            () -> {
              stats.add(failures, 1);
              failed.run();
            },
            log));
  }
}
