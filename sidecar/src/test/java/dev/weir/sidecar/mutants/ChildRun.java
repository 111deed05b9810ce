package dev.weir.sidecar.mutants;

import dev.weir.protos.honoured.HonouredFields;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * A JVM that runs test classes with builders changed. Work and results are files of lines with
 * tabs.
 */
final class ChildRun {
  private enum Outcome {
    PASSED,
    FAILED,

    /** It did not end: what it has begun goes on, and this JVM is of no further use. */
    HANGS
  }

  private final Launcher launcher = LauncherFactory.create();
  private final PrintStream results;

  private ChildRun(PrintStream results) {
    this.results = results;
  }

  /**
   * @param arguments {@code record} or {@code without}, the file of work, the file of results
   */
  public static void main(String[] arguments) throws Exception {
    try (PrintStream results =
        new PrintStream(Path.of(arguments[2]).toFile(), StandardCharsets.UTF_8)) {
      ChildRun run = new ChildRun(results);
      if (arguments[0].equals("record")) {
        for (String message : HonouredFields.load().messages()) {
          Agent.instrumentation().redefineClasses(new BuilderClass(message).recording());
        }
      }
      for (String line : Files.readAllLines(Path.of(arguments[1]))) {
        boolean goesOn =
            arguments[0].equals("record") ? run.record(line) : run.without(line.split("\t", -1));
        if (!goesOn) {
          break;
        }
      }
    }
    Runtime.getRuntime().halt(0); // whatever is still running
  }

  /** Writes a class, how long it took in ms, its outcome, and the fields that its messages have. */
  private boolean record(String test) throws Exception {
    FieldRecorder.take();
    long begun = System.nanoTime();
    Outcome outcome = run(test, 600_000);
    results.println(
        String.join(
            "\t",
            test,
            Long.toString((System.nanoTime() - begun) / 1_000_000),
            outcome.name(),
            String.join(" ", FieldRecorder.take())));
    return outcome == Outcome.PASSED;
  }

  /**
   * Writes a message, its field, and the class that noticed that it does nothing, or nothing.
   *
   * @param work message, field, ms that a class may take, classes
   */
  private boolean without(String[] work) throws Exception {
    BuilderClass builder = new BuilderClass(work[0]);
    long limit = Long.parseLong(work[2]);
    Agent.instrumentation().redefineClasses(builder.without(work[1]));
    String noticed = "";
    Outcome outcome = Outcome.PASSED;
    for (int i = 3; i < work.length && outcome == Outcome.PASSED; i++) {
      outcome = run(work[i], limit);
      noticed = outcome == Outcome.PASSED ? "" : work[i];
    }
    results.println(String.join("\t", work[0], work[1], noticed));
    if (outcome == Outcome.HANGS) {
      return false;
    }
    Agent.instrumentation().redefineClasses(builder.unchanged());
    // What fails may leave something behind that lets others fail: then another JVM goes on.
    return outcome == Outcome.PASSED || run(noticed, limit) == Outcome.PASSED;
  }

  private Outcome run(String test, long limit) throws InterruptedException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(test))
            .filters(TagFilter.excludeTags("envoy", FieldMutantsTest.TAG))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter("jqwik.reporting.onlyfailures", "true")
            .build();
    StopAtFirst.begin();
    AtomicReference<Outcome> outcome = new AtomicReference<>(Outcome.HANGS);
    Thread thread =
        new Thread(() -> {
          SummaryGeneratingListener summary = new SummaryGeneratingListener();
          launcher.execute(request, summary);
          summary
              .getSummary()
              .printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 3);
          outcome.set(
              summary.getSummary().getTotalFailureCount() == 0 ? Outcome.PASSED : Outcome.FAILED);
        });
    thread.start();
    thread.join(limit);
    return Objects.requireNonNull(outcome.get());
  }
}
