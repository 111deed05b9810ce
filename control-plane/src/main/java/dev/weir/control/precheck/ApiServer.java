package dev.weir.control.precheck;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.VersionInfo;

/** The API server's version. */
final class ApiServer {
  private static final String SUBJECT = "API server";
  private static final int OLDEST_MINOR = 31;

  private ApiServer() {}

  static Verdict look(KubernetesClient client) {
    VersionInfo version = client.getKubernetesVersion();
    return of(version.getMajor(), version.getMinor(), version.getGitVersion());
  }

  /**
   * @param minor some clouds write {@code 31+}
   */
  static Verdict of(String major, String minor, String whole) {
    int number = Integer.parseInt("0" + minor.replaceAll("[^0-9].*", ""));
    if (!major.equals("1") || number >= OLDEST_MINOR) {
      return Verdict.ok(SUBJECT, whole);
    }
    return Verdict.failure(
        SUBJECT,
        "%s is older than 1.%d, whose rules (isIP, isCIDR) Weir's kinds use; upgrade the cluster"
            .formatted(whole, OLDEST_MINOR));
  }
}
