package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.server.PolicyReach.Reach;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictsTest {
  private static Finding error(String field, String message) {
    return Finding.error(Location.of("a"), "a", field, message);
  }

  private static Reach reach(int concerned, int applied, Map<String, String> refused) {
    return new Reach(
        concerned,
        applied,
        refused.size(),
        new TreeMap<>(refused),
        new TreeMap<>(),
        new TreeMap<>());
  }

  private static List<String> told(List<Condition> conditions) {
    return conditions.stream()
        .map(each ->
            "%s=%s %s: %s".formatted(each.type(), each.status(), each.reason(), each.message()))
        .toList();
  }

  @Test
  void policyThatAllHaveIsProgrammed() {
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "Programmed=True Programmed: in force in 20 of 20 proxies"),
        told(Verdicts.ofPolicy(0, List.of(), false, reach(20, 20, Map.of()), "", "")));
  }

  @Test
  void thoseWhoRefuseAreCountedAndSomeAreNamed() {
    Reach reach =
        new Reach(
            20,
            13,
            7,
            new TreeMap<>(Map.of("cart-0", "no", "cart-1", "not that")),
            new TreeMap<>(),
            new TreeMap<>());
    assertEquals(
        "Programmed=False Refused: in force in 13 of 20 proxies; refused by cart-0: no; cart-1: not"
            + " that and 5 more",
        told(Verdicts.ofPolicy(0, List.of(), false, reach, "", "")).get(1));
  }

  @Test
  void whoIsNotHeardOfIsNamedAndNothingIsSaidToBeDone() {
    Reach reach =
        new Reach(
            3,
            3,
            0,
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of("weir-b", "does not answer", "weir-c", "has not read it yet")));
    assertEquals(
        "Programmed=False Pending: in force in 3 of 3 proxies; control plane weir-b does not"
            + " answer; control plane weir-c has not read it yet",
        told(Verdicts.ofPolicy(0, List.of(), false, reach, "", "")).get(1));
  }

  private static List<String> ofBackendTls(Finding... findings) {
    return told(Verdicts.ofBackendTls(0, List.of(findings), reach(1, 1, Map.of())));
  }

  @Test
  void backendTlsThatHoldsSaysSoAndWhatIsWrongAtAnotherTargetIsNotItsConcern() {
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "ResolvedRefs=True ResolvedRefs: all that it refers to is there",
            "weir.dev/Programmed=True Programmed: in force in 1 of 1 proxies"),
        ofBackendTls(error("spec.targetRefs[1].name", "is not there")));
  }

  @Test
  void backendTlsOfAnotherTargetThanItCanBeForHasGatewayApisReason() {
    assertEquals(
        "Accepted=False TargetNotFound: spec.targetRefs[0].name: none",
        ofBackendTls(error("spec.targetRefs[0].name", "none")).getFirst());
    assertEquals(
        List.of(
            "Accepted=False Conflicted: spec.targetRefs[0]: an older one",
            "ResolvedRefs=True ResolvedRefs: all that it refers to is there"),
        ofBackendTls(error("spec.targetRefs[0]", "an older one")));
    assertEquals(
        "Accepted=False Invalid: spec.targetRefs[0].kind: not here",
        ofBackendTls(
                new Finding(
                    Finding.Severity.WARNING,
                    Location.of("a"),
                    "a",
                    "spec.targetRefs[0].kind",
                    "not here"))
            .getFirst());
  }

  @Test
  void backendTlsWithoutACertificateSaysWhichAndWhetherAnyIsLeft() {
    String roots = "spec.validation.caCertificateRefs";
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "ResolvedRefs=False InvalidCACertificateRef: " + roots + "[1]: gone",
            "weir.dev/Programmed=True Programmed: in force in 1 of 1 proxies"),
        ofBackendTls(error(roots + "[1]", "gone")));
    assertEquals(
        List.of(
            "Accepted=False NoValidCACertificate: " + roots + ": none",
            "ResolvedRefs=False InvalidKind: " + roots + "[0].kind: a Secret",
            "weir.dev/Programmed=True Programmed: in force in 1 of 1 proxies"),
        ofBackendTls(error(roots, "none"), error(roots + "[0].kind", "a Secret")));
    assertEquals(
        "Accepted=False Invalid: spec.options: none",
        ofBackendTls(error("spec.options", "none")).getFirst());
  }

  @Test
  void policyWithoutProxiesOrOnItsWaySaysSo() {
    assertEquals(
        "Programmed=False NoProxies: no connected proxy is concerned",
        told(Verdicts.ofPolicy(0, List.of(), false, Reach.NONE, "", "")).get(1));
    assertEquals(
        "Programmed=False Pending: in force in 3 of 4 proxies",
        told(Verdicts.ofPolicy(0, List.of(), false, reach(4, 3, Map.of()), "", "")).get(1));
  }

  @Test
  void whatIsWrongWithOneTargetIsNotSaidOfAnother() {
    List<Finding> findings =
        List.of(error("spec.targetRefs[1].name", "Service shop/crt does not exist"));
    assertEquals(
        "Accepted=True Accepted: it holds",
        told(Verdicts.ofPolicy(0, findings, false, Reach.NONE, "", "")).getFirst());
    assertEquals(
        "Accepted=False TargetNotFound: spec.targetRefs[1].name: Service shop/crt does not exist",
        told(Verdicts.ofPolicy(1, findings, false, Reach.NONE, "", "")).getFirst());
  }

  @Test
  void whatIsWrongWithAllOfItIsSaidOfEach() {
    List<Finding> findings = List.of(error("spec.timeouts", "is of requests"));
    assertEquals(
        List.of(
            "Accepted=False Invalid: spec.timeouts: is of requests",
            "Programmed=False Invalid: it is not accepted as it is written now"),
        told(Verdicts.ofPolicy(0, findings, false, reach(2, 2, Map.of()), "", "")));
  }

  @Test
  void whatSomeCannotEnforceIsSaid() {
    Reach reach =
        new Reach(
            5,
            5,
            0,
            new TreeMap<>(),
            new TreeMap<>(Map.of("circuitBreaker: left out", 2)),
            new TreeMap<>());
    assertEquals(
        "PartiallyProgrammed=True Unsupported: circuitBreaker: left out (2 of 5 proxies)",
        told(Verdicts.ofPolicy(0, List.of(), false, reach, "", "")).get(2));
  }

  @Test
  void routesAreSpokenOfInGatewayApisWords() {
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "ResolvedRefs=True ResolvedRefs: all that it refers to is there",
            "weir.dev/Programmed=True Programmed: in force in 2 of 2 proxies"),
        told(Verdicts.ofRoute(0, List.of(), reach(2, 2, Map.of()), "")));
    assertEquals(
        List.of(
            "Accepted=False NoMatchingParent: spec.parentRefs[0].name: Service shop/a does not"
                + " exist",
            "ResolvedRefs=False BackendNotFound: spec.rules[0].backendRefs[0].name: Service shop/b"
                + " does not exist",
            "weir.dev/Programmed=False Invalid: it is not accepted as it is written now"),
        told(
            Verdicts.ofRoute(
                0,
                List.of(
                    error("spec.parentRefs[0].name", "Service shop/a does not exist"),
                    error("spec.rules[0].backendRefs[0].name", "Service shop/b does not exist")),
                reach(2, 2, Map.of()),
                "")));
  }

  @Test
  void backendOfAnotherKindIsGatewayApisInvalidKind() {
    Finding kind = error("spec.rules[0].backendRefs[0].kind", "use a Service");
    assertEquals(
        "ResolvedRefs=False InvalidKind: spec.rules[0].backendRefs[0].kind: use a Service",
        told(Verdicts.ofRoute(0, List.of(kind), Reach.NONE, "")).get(1));
  }

  @Test
  void routeThatAProxyRefusesOrHasInPartSaysSoInWordsOfOurOwn() {
    Reach reach =
        new Reach(
            3,
            2,
            1,
            new TreeMap<>(Map.of("cart-0", "no")),
            new TreeMap<>(Map.of("rules[0]: CORS is left out", 1)),
            new TreeMap<>());
    assertEquals(
        List.of(
            "weir.dev/Programmed=False Refused: in force in 2 of 3 proxies; refused by cart-0: no",
            "weir.dev/PartiallyProgrammed=True Unsupported: rules[0]: CORS is left out (1 of 3"
                + " proxies)"),
        told(Verdicts.ofRoute(0, List.of(), reach, "")).subList(2, 4));
  }

  @Test
  void whoMayCallPastItIsSaidAndChangesNothingElse() {
    assertEquals(
        "Programmed=True Programmed: in force in 2 of 2 proxies; some call past it",
        told(Verdicts.ofPolicy(0, List.of(), false, reach(2, 2, Map.of()), "", "some call past it"))
            .get(1));
    assertEquals(
        "weir.dev/Programmed=True Programmed: in force in 2 of 2 proxies; some call past it",
        told(Verdicts.ofRoute(0, List.of(), reach(2, 2, Map.of()), "some call past it")).get(2));
  }

  @Test
  void whatIsOfTheMeshSaysHowFarItCame() {
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "Programmed=False Pending: in force in 1 of 2 proxies"),
        told(Verdicts.ofConfig(List.of(), reach(2, 1, Map.of()))));
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "Programmed=True Programmed: in force in 3 of 3 proxies",
            "PartiallyProgrammed=True Unsupported: gateways: left out: so (2 of 3 proxies)"),
        told(
            Verdicts.ofConfig(
                List.of(),
                new Reach(
                    3,
                    3,
                    0,
                    new TreeMap<>(),
                    new TreeMap<>(Map.of("gateways: left out: so", 2)),
                    new TreeMap<>()))));
    assertEquals(
        List.of(
            "Accepted=False Invalid: metadata: there is one",
            "Programmed=False Invalid: it is not accepted as it is written now"),
        told(Verdicts.ofConfig(List.of(error("metadata", "there is one")), Reach.NONE)));
  }

  private static Finding warning(String field, String message) {
    return new Finding(Finding.Severity.WARNING, Location.of("a"), "a", field, message);
  }

  @Test
  void whatHoldsAndHasNoEffectSaysBoth() {
    Reach reach = reach(2, 2, Map.of());
    assertEquals(
        "Accepted=True Accepted: it holds; spec.rules[0]: no request reaches it",
        told(Verdicts.ofRoute(
                0,
                List.of(
                    warning("spec.rules[0]", "no request reaches it"),
                    warning("spec.parentRefs[1]", "of another parent")),
                reach,
                ""))
            .getFirst());
    assertEquals(
        "Accepted=True Accepted: it holds; spec.gateways: none",
        told(Verdicts.ofConfig(List.of(warning("spec.gateways", "none")), reach)).getFirst());
    assertEquals(
        "Accepted=True Accepted: it holds; spec.options: none",
        ofBackendTls(warning("spec.options", "none")).getFirst());
    assertEquals(
        "Accepted=True Accepted: it holds; spec.mtls: overruled; spec.targetRefs[0]: so",
        told(Verdicts.ofPolicy(
                0,
                List.of(
                    warning("spec.mtls", "overruled"),
                    warning("spec.targetRefs[0]", "so"),
                    warning("spec.targetRefs[1]", "of another target")),
                false,
                reach,
                "",
                ""))
            .getFirst());
  }

  @Test
  void policyHoldsWithoutTheServerThatItAsks() {
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "ResolvedRefs=False BackendNotFound: spec.external.backendRef.name: none",
            "Programmed=True Programmed: in force in 1 of 1 proxies"),
        told(
            Verdicts.ofPolicy(
                0,
                List.of(error("spec.external.backendRef.name", "none")),
                true,
                reach(1, 1, Map.of()),
                "",
                "")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracing", "accessLog", "metrics"})
  void policyHoldsWithoutItsCollector(String section) {
    String field = "spec." + section + ".otlp.backendRef.name";
    assertEquals(
        List.of(
            "Accepted=True Accepted: it holds",
            "ResolvedRefs=False BackendNotFound: " + field + ": none",
            "Programmed=True Programmed: in force in 1 of 1 proxies"),
        told(
            Verdicts.ofPolicy(
                0, List.of(error(field, "none")), true, reach(1, 1, Map.of()), "", "")));
  }

  /** Its tokens are not looked at: as it is written it does not hold. */
  @Test
  void policyWithoutItsKeysIsNotAcceptedAndSaysWhatIsMissing() {
    String keys = "spec.jwt.providers[0].jwks.configMapRef";
    assertEquals(
        List.of(
            "Accepted=False Invalid: " + keys + ": none",
            "ResolvedRefs=False InvalidConfigMapRef: " + keys + ": none",
            "Programmed=False Invalid: it is not accepted as it is written now"),
        told(
            Verdicts.ofPolicy(
                0, List.of(error(keys, "none")), true, reach(1, 1, Map.of()), "", "")));
    assertEquals(
        "ResolvedRefs=True ResolvedRefs: all that it refers to is there",
        told(Verdicts.ofPolicy(0, List.of(), true, reach(1, 1, Map.of()), "", "")).get(1));
  }
}
