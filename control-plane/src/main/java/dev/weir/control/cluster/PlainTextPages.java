package dev.weir.control.cluster;

import dev.weir.control.describe.PlainText;
import dev.weir.control.describe.PlainText.Call;
import dev.weir.control.json.JsonText;
import dev.weir.control.model.ObjectName;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Who has called pods in plain text, as their sidecars tell: {@code /plaintext}. */
public final class PlainTextPages {
  /** Of a service with more instances some say enough. */
  private static final int MOST_ASKED = 32;

  private PlainTextPages() {}

  /**
   * Asks the pods, all at once.
   *
   * @param pods with a sidecar
   * @param callers whom Strict would refuse if they called, in words
   * @param names whose an address is
   */
  public static PlainText ask(
      List<ObjectName> pods, String callers, Map<String, String> names, PodPages pages) {
    List<Call> calls = new ArrayList<>();
    SortedMap<String, String> silent = new TreeMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SortedMap<ObjectName, Future<List<Call>>> answers = new TreeMap<>();
      pods.stream()
          .limit(MOST_ASKED)
          .forEach(pod -> answers.put(pod, threads.submit(() -> page(pod, names, pages))));
      answers.forEach((pod, answer) -> {
        try {
          calls.addAll(answer.get());
        } catch (ExecutionException e) {
          silent.put(pod.toString(), reason(e));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          silent.put(pod.toString(), "interrupted");
        }
      });
    }
    int more = pods.size() - MOST_ASKED;
    if (more > 0) {
      silent.put("and " + more + " more", "not asked");
    }
    return new PlainText(callers, calls, silent);
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
  }

  private static List<Call> page(ObjectName pod, Map<String, String> names, PodPages pages)
      throws IOException {
    return read(pod, pages.page(pod, PodPages.SIDECAR, "/plaintext"), names);
  }

  /**
   * Takes them out of a page.
   *
   * @throws IOException it is no such page
   */
  static List<Call> read(ObjectName pod, String page, Map<String, String> names)
      throws IOException {
    List<Call> calls = new ArrayList<>();
    if (JsonText.read(page) instanceof Map<?, ?> whole
        && whole.get("callers") instanceof List<?> callers) {
      for (Object one : callers) {
        calls.add(call(pod, one, names));
      }
      return calls;
    }
    throw new IOException("/plaintext is not as it is to be");
  }

  private static Call call(ObjectName pod, Object one, Map<String, String> names)
      throws IOException {
    try {
      if (one instanceof Map<?, ?> caller
          && caller.get("port") instanceof Integer port
          && caller.get("connections") instanceof Number connections
          && caller.get("last") instanceof String last) {
        return new Call(
            pod.toString(),
            port,
            from(caller.get("address"), names),
            connections.longValue(),
            Instant.parse(last));
      }
    } catch (DateTimeParseException e) {
      throw new IOException("/plaintext is not as it is to be: " + e.getMessage(), e);
    }
    throw new IOException("/plaintext is not as it is to be: " + one);
  }

  private static Optional<String> from(@Nullable Object address, Map<String, String> names) {
    return address instanceof String text
        ? Optional.of(names.containsKey(text) ? text + " (" + names.get(text) + ")" : text)
        : Optional.empty();
  }
}
