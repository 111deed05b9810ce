package dev.weir.sidecar.intercept;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That they are written: scripts/test-namespaces.sh. */
class PodRulesTest {
  @Test
  void whatTheInjectorWritesIsTaken() {
    PodRules.parse(
        "--user=1337 --family=dual --exclude-inbound-port=15021,15100-15199"
            + " --exclude-outbound-cidr=10.0.0.0/8,fd00::/8 --exclude-outbound-port=5432"
            + " --exclude-inbound-cidr=::1/128");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--user=1337 --remove             | \"--remove\" is not for a pod to say",
        "--user=1337 --netns=1            | \"--netns=1\" is not for a pod to say",
        "--user=1337 --dry-run            | \"--dry-run\" is not for a pod to say",
        "--user=1337 --inbound-port=1     | \"--inbound-port=1\" is not for a pod to say",
        "--user=1337;id                   | \"--user=1337;id\" is not for a pod to say",
        "--user 1337                      | \"--user\" is not for a pod to say",
        "--help                           | \"--help\" is not for a pod to say",
        "''                               | \"\" is not for a pod to say",
        "--user=0                         | --user: 0 is not from 1 to 4294967295",
        "--user=1 --user=2                | option '--user' (UID) should be specified only once",
        "--exclude-outbound-port=99999    | ports go from 1 to 65535",
      })
  void whatAPodMayNotSayIsRefused(String text, String problem) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> PodRules.parse(text));
    assertTrue(String.valueOf(refused.getMessage()).contains(problem), refused.getMessage());
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PodRules.parse("--exclude-outbound-port=" + "1,".repeat(3000)));
  }
}
