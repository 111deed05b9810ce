package dev.weir.sidecar.mutants;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Where {@link ChildRun} runs, no test follows one that failed: the answer is known. */
public final class StopAtFirst implements ExecutionCondition, TestWatcher {
  private static final AtomicBoolean IN_FORCE = new AtomicBoolean();
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  /** For the next tests. */
  static void begin() {
    IN_FORCE.set(true);
    FAILED.set(false);
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    FAILED.set(true);
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return IN_FORCE.get() && FAILED.get()
        ? ConditionEvaluationResult.disabled("another has failed")
        : ConditionEvaluationResult.enabled("");
  }
}
