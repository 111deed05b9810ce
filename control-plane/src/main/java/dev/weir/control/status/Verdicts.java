package dev.weir.control.status;

import dev.weir.control.server.PolicyReach.Reach;
import dev.weir.control.source.reader.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is to be said of resources, from what was found about them and how far they came. */
final class Verdicts {
  private static final int MOST_NAMED = 5;

  /** Of a BackendTLSPolicy: whom it trusts. */
  private static final String ROOTS = "spec.validation.caCertificateRefs";

  /** What goes before a condition of ours on a kind of Gateway API's, as that asks for. */
  private static final String DOMAIN = "weir.dev/";

  /** Of a policy: who is told, whichever its section. */
  private static final Pattern COLLECTOR = Pattern.compile("spec\\.\\w+\\.otlp\\.backendRef\\.");

  private static final Condition NOT_ACCEPTED =
      new Condition("Programmed", false, "Invalid", "it is not accepted as it is written now");

  private static final Condition RESOLVED =
      new Condition("ResolvedRefs", true, "ResolvedRefs", "all that it refers to is there");

  private Verdicts() {}

  /**
   * Of a policy on one of its targets.
   *
   * @param target its index in {@code spec.targetRefs}
   * @param findings about the policy
   * @param refers whether it names what others have written, beside its targets
   * @param unprotected where no sidecar enforces it; empty: there is one everywhere
   * @param beside who may call past it, or whom it refuses or would; empty: nobody that is known
   */
  static List<Condition> ofPolicy(
      int target,
      Collection<Finding> findings,
      boolean refers,
      Reach reach,
      String unprotected,
      String beside) {
    String own = "spec.targetRefs[" + target + "]";
    // Without its server a policy holds: requests are refused, go on unasked, or have no spans.
    List<Finding> errors =
        findings.stream()
            .filter(Finding::isError)
            .filter(finding -> isOf(finding.field(), own) && !isServer(finding.field()))
            .toList();
    List<Condition> conditions = new ArrayList<>();
    if (!errors.isEmpty()) {
      conditions.add(new Condition("Accepted", false, reason(own, errors), told(errors)));
      if (refers) {
        conditions.add(resolved(findings));
      }
      conditions.add(NOT_ACCEPTED);
      return conditions;
    }
    conditions.add(
        accepted(findings.stream().filter(finding -> isOf(finding.field(), own)).toList()));
    if (refers) {
      conditions.add(resolved(findings));
    }
    conditions.add(programmed(reach).and(beside));
    if (!reach.left().isEmpty()) {
      conditions.add(partially(left(reach) + (unprotected.isEmpty() ? "" : "; " + unprotected)));
    } else if (!unprotected.isEmpty()) {
      conditions.add(new Condition("PartiallyProgrammed", true, "NoSidecar", unprotected));
    }
    return conditions;
  }

  private static boolean isServer(String field) {
    return field.startsWith("spec.external.backendRef.") || COLLECTOR.matcher(field).lookingAt();
  }

  private static boolean isKeySet(String field) {
    return field.endsWith(".jwks.configMapRef");
  }

  /** Of what a policy of ours names, its targets aside. */
  private static Condition resolved(Collection<Finding> findings) {
    List<Finding> missing =
        findings.stream()
            .filter(Finding::isError)
            .filter(finding -> isServer(finding.field()) || isKeySet(finding.field()))
            .toList();
    if (missing.isEmpty()) {
      return RESOLVED;
    }
    String reason =
        isServer(missing.getFirst().field()) ? "BackendNotFound" : "InvalidConfigMapRef";
    return new Condition("ResolvedRefs", false, reason, told(missing));
  }

  /** It holds, and what of it has no effect. */
  private static Condition accepted(Collection<Finding> findings) {
    List<Finding> warnings = findings.stream().filter(finding -> !finding.isError()).toList();
    return new Condition("Accepted", true, "Accepted", "it holds").and(told(warnings));
  }

  /** What names the target is wrong, or what it is to have is another policy's, or all of it. */
  private static String reason(String target, List<Finding> errors) {
    if (errors.stream().anyMatch(finding -> finding.field().startsWith(target + "."))) {
      return "TargetNotFound";
    }
    return errors.stream().anyMatch(finding -> finding.field().equals(target))
        ? "Conflicted"
        : "Invalid";
  }

  /**
   * Of a BackendTLSPolicy on one of its targets, in Gateway API's words. Where it does nothing in
   * the mesh it is not accepted: a gateway speaks for itself.
   *
   * @param target its index in {@code spec.targetRefs}
   * @param findings about the policy
   */
  static List<Condition> ofBackendTls(int target, Collection<Finding> findings, Reach reach) {
    String own = "spec.targetRefs[" + target + "]";
    List<Finding> ofTarget =
        findings.stream().filter(finding -> finding.field().startsWith(own)).toList();
    List<Finding> errors =
        findings.stream()
            .filter(Finding::isError)
            .filter(finding -> !finding.field().startsWith("spec.targetRefs["))
            .toList();
    List<Finding> references =
        errors.stream().filter(finding -> finding.field().startsWith(ROOTS + "[")).toList();
    List<Finding> others =
        errors.stream().filter(finding -> !finding.field().startsWith(ROOTS)).toList();
    List<Finding> none = errors.stream().filter(one -> one.field().equals(ROOTS)).toList();
    List<Condition> conditions = new ArrayList<>();
    if (!ofTarget.isEmpty()) {
      conditions.add(
          new Condition("Accepted", false, ofTarget(ofTarget.getFirst(), own), told(ofTarget)));
    } else if (!others.isEmpty()) {
      conditions.add(new Condition("Accepted", false, "Invalid", told(others)));
    } else if (!none.isEmpty()) {
      conditions.add(new Condition("Accepted", false, "NoValidCACertificate", told(none)));
    } else {
      conditions.add(
          accepted(
              findings.stream()
                  .filter(finding -> !finding.field().startsWith("spec.targetRefs["))
                  .toList()));
    }
    boolean kind = references.stream().anyMatch(finding -> finding.field().endsWith(".kind"));
    conditions.add(
        references.isEmpty()
            ? RESOLVED
            : new Condition(
                "ResolvedRefs",
                false,
                kind ? "InvalidKind" : "InvalidCACertificateRef",
                told(references)));
    if (ofTarget.isEmpty()) {
      conditions.add(programmed(reach).in(DOMAIN));
    }
    return conditions;
  }

  private static String ofTarget(Finding finding, String own) {
    return switch (finding.field().substring(own.length())) {
      case "" -> "Conflicted";
      case ".kind" -> "Invalid";
      default -> "TargetNotFound";
    };
  }

  /** Of what is for nothing else. */
  static List<Condition> ofConfig(Collection<Finding> findings, Reach reach) {
    List<Finding> errors = findings.stream().filter(Finding::isError).toList();
    if (!errors.isEmpty()) {
      return List.of(new Condition("Accepted", false, "Invalid", told(errors)), NOT_ACCEPTED);
    }
    List<Condition> conditions = new ArrayList<>();
    conditions.add(accepted(findings));
    conditions.add(programmed(reach));
    if (!reach.left().isEmpty()) {
      conditions.add(partially(left(reach)));
    }
    return conditions;
  }

  /** What is about another target is not of this one. */
  private static boolean isOf(String field, String own) {
    return !field.startsWith("spec.targetRefs[") || field.startsWith(own);
  }

  private static Condition programmed(Reach reach) {
    String of = "in force in %d of %d proxies".formatted(reach.applied(), reach.concerned());
    String unheard =
        reach.unheard().entrySet().stream()
            .map(each -> "; control plane " + each.getKey() + " " + each.getValue())
            .collect(Collectors.joining());
    if (reach.refusing() > 0) {
      String named =
          reach.refused().entrySet().stream()
              .map(each -> each.getKey() + ": " + each.getValue())
              .collect(Collectors.joining("; "));
      int more = reach.refusing() - reach.refused().size();
      return new Condition(
          "Programmed",
          false,
          "Refused",
          of + "; refused by " + named + (more > 0 ? " and " + more + " more" : "") + unheard);
    }
    if (!unheard.isEmpty() || reach.applied() < reach.concerned()) {
      return new Condition("Programmed", false, "Pending", of + unheard);
    }
    return reach.concerned() == 0
        ? new Condition("Programmed", false, "NoProxies", "no connected proxy is concerned")
        : new Condition("Programmed", true, "Programmed", of);
  }

  private static Condition partially(String left) {
    return new Condition("PartiallyProgrammed", true, "Unsupported", left);
  }

  private static String left(Reach reach) {
    return reach.left().entrySet().stream()
        .limit(MOST_NAMED)
        .map((Map.Entry<String, Integer> each) ->
            "%s (%d of %d proxies)".formatted(each.getKey(), each.getValue(), reach.concerned()))
        .collect(Collectors.joining("; "));
  }

  /**
   * Of a route on one of its parents, in Gateway API's words, and how far it came in ours.
   *
   * @param parent its index in {@code spec.parentRefs}
   * @param findings about the route
   * @param bypass who may call past it; empty: nobody that is known
   */
  static List<Condition> ofRoute(
      int parent, Collection<Finding> findings, Reach reach, String bypass) {
    String own = "spec.parentRefs[" + parent + "]";
    List<Finding> errors = findings.stream().filter(Finding::isError).toList();
    List<Finding> ofParent =
        errors.stream().filter(finding -> finding.field().startsWith(own)).toList();
    List<Finding> references =
        errors.stream().filter(finding -> isReference(finding.field())).toList();
    List<Finding> others =
        errors.stream()
            .filter(finding -> !finding.field().startsWith("spec.parentRefs["))
            .filter(finding -> !isReference(finding.field()))
            .toList();
    List<Condition> conditions = new ArrayList<>();
    if (!ofParent.isEmpty()) {
      conditions.add(new Condition("Accepted", false, "NoMatchingParent", told(ofParent)));
    } else if (!others.isEmpty()) {
      conditions.add(new Condition("Accepted", false, "UnsupportedValue", told(others)));
    } else {
      conditions.add(
          accepted(
              findings.stream()
                  .filter(finding ->
                      !finding.field().startsWith("spec.parentRefs[")
                          || finding.field().startsWith(own))
                  .toList()));
    }
    conditions.add(
        references.isEmpty()
            ? RESOLVED
            : new Condition("ResolvedRefs", false, reason(references), told(references)));
    boolean accepted = ofParent.isEmpty() && others.isEmpty();
    conditions.add((accepted ? programmed(reach).and(bypass) : NOT_ACCEPTED).in(DOMAIN));
    if (accepted && !reach.left().isEmpty()) {
      conditions.add(partially(left(reach)).in(DOMAIN));
    }
    return conditions;
  }

  private static boolean isReference(String field) {
    return field.contains(".backendRefs[") || field.contains(".backendRef.");
  }

  private static String reason(List<Finding> references) {
    String field = references.getFirst().field();
    return field.endsWith(".kind") || field.endsWith(".group")
        ? "InvalidKind"
        : field.endsWith(".namespace") ? "RefNotPermitted" : "BackendNotFound";
  }

  private static String told(List<Finding> findings) {
    return findings.stream()
        .map(finding ->
            finding.field().isEmpty()
                ? finding.message()
                : finding.field() + ": " + finding.message())
        .distinct()
        .collect(Collectors.joining("; "));
  }
}
