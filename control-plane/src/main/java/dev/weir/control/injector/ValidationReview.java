package dev.weir.control.injector;

import dev.weir.control.source.kubernetes.ObjectCheck;
import dev.weir.control.source.reader.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Refuses what could not be in force, in the words of {@code weir check}: policies, and routes of
 * the mesh alone. Never for what a resource refers to, which may come after it; and never where
 * nothing is said anew, so that what is wrong can be given another label, and can go. Any thread.
 */
public final class ValidationReview implements AdmissionServer.Review {
  /** The API server cuts longer ones. */
  private static final int MOST_WARNINGS = 10;

  private static final String GATEWAY_API = "gateway.networking.k8s.io/";

  private static final String BACKEND_TLS = "BackendTLSPolicy";

  /** What a route's reference names. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\.backendRefs?(\\[\\d+])?\\.(group|kind|namespace|name|port)$");

  /** Whose a resource is. */
  private enum Concern {
    /** The mesh's alone. */
    OURS,
    /** A gateway's too, which may take what the mesh does not. */
    SHARED,
    /** Others'. */
    NONE
  }

  @Override
  public Map<String, Object> of(Map<String, Object> request) {
    Map<String, Object> object = Tree.mapOrEmpty(request, "object");
    Concern concern = concern(object);
    if (concern == Concern.NONE || saysTheSame(object, Tree.mapOrEmpty(request, "oldObject"))) {
      return Map.of("allowed", true);
    }
    List<String> errors = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (Finding finding : ObjectCheck.findings(object)) {
      boolean refused =
          finding.isError()
              && concern == Concern.OURS
              && !REFERENCE.matcher(finding.field()).find();
      (refused ? errors : warnings).add(text(finding));
    }
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("allowed", errors.isEmpty());
    if (!errors.isEmpty()) {
      response.put("status", Map.of("code", 422, "message", String.join("; ", errors)));
    }
    if (!warnings.isEmpty()) {
      response.put("warnings", warnings.stream().limit(MOST_WARNINGS).toList());
    }
    return response;
  }

  private static Concern concern(Map<String, Object> object) {
    if (!Tree.text(object, "apiVersion").startsWith(GATEWAY_API)) {
      return Concern.OURS;
    }
    Map<String, Object> spec = Tree.mapOrEmpty(object, "spec");
    List<Map<String, Object>> parents = Tree.listOrEmpty(spec, "parentRefs");
    if (Tree.text(object, "kind").equals(BACKEND_TLS)) {
      return Tree.listOrEmpty(spec, "targetRefs").stream().anyMatch(ValidationReview::isService)
          ? Concern.SHARED
          : Concern.NONE;
    }
    long services = parents.stream().filter(ValidationReview::isService).count();
    return services == 0
        ? Concern.NONE
        : services == parents.size() ? Concern.OURS : Concern.SHARED;
  }

  private static boolean isService(Map<String, Object> parent) {
    return Tree.text(parent, "kind").equals("Service") && Tree.text(parent, "group").isEmpty();
  }

  private static boolean saysTheSame(Map<String, Object> object, Map<String, Object> before) {
    return !before.isEmpty() && Objects.equals(object.get("spec"), before.get("spec"));
  }

  private static String text(Finding finding) {
    return finding.field().isEmpty()
        ? finding.message()
        : finding.field() + ": " + finding.message();
  }
}
