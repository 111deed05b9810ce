package dev.weir.control.injector;

import dev.weir.control.source.kubernetes.ObjectCheck;
import dev.weir.control.source.reader.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Refuses a policy that could not be in force, in the words of {@code weir check}. Any thread. */
public final class ValidationReview implements AdmissionServer.Review {
  /** The API server cuts longer ones. */
  private static final int MOST_WARNINGS = 10;

  @Override
  public Map<String, Object> of(Map<String, Object> request) {
    List<Finding> findings = ObjectCheck.findings(Tree.mapOrEmpty(request, "object"));
    List<String> errors = findings.stream().filter(Finding::isError).map(this::text).toList();
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("allowed", errors.isEmpty());
    if (!errors.isEmpty()) {
      response.put("status", Map.of("code", 422, "message", String.join("; ", errors)));
    }
    List<String> warnings =
        findings.stream()
            .filter(finding -> !finding.isError())
            .map(this::text)
            .limit(MOST_WARNINGS)
            .toList();
    if (!warnings.isEmpty()) {
      response.put("warnings", warnings);
    }
    return response;
  }

  private String text(Finding finding) {
    return finding.field().isEmpty()
        ? finding.message()
        : finding.field() + ": " + finding.message();
  }
}
