package dev.weir.cli.story;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Asks all sidecars for a page, several at once. */
final class Asking {
  private static final int AT_ONCE = 32;
  private static final int MOST_CHARACTERS = 64 << 20;

  /**
   * What they said.
   *
   * @param silent who could not be asked, and why
   * @param missed requests that were not kept for who watches
   */
  record Answers(List<Hop> hops, SortedMap<String, String> silent, long missed) {
    Answers {
      hops = List.copyOf(hops);
    }
  }

  private final Sidecars sidecars;

  Asking(Sidecars sidecars) {
    this.sidecars = sidecars;
  }

  /** What they say of requests. */
  Answers requests(List<String> names, String path) throws IOException {
    List<Hop> hops = new ArrayList<>();
    SortedMap<String, String> silent = new TreeMap<>();
    long missed = 0;
    for (Map.Entry<String, Facts> each : pages(names, path, silent).entrySet()) {
      Facts page = each.getValue();
      String service = page.part("node").text("cluster");
      page.parts("requests").forEach(facts -> hops.add(new Hop(each.getKey(), service, facts)));
      missed += page.whole("missed");
    }
    return new Answers(hops, silent, missed);
  }

  /**
   * The page of each.
   *
   * @param silent told who could not be asked, and why
   */
  SortedMap<String, Facts> pages(List<String> names, String path, SortedMap<String, String> silent)
      throws IOException {
    SortedMap<String, Facts> pages = new TreeMap<>();
    Semaphore turns = new Semaphore(AT_ONCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SortedMap<String, Future<Facts>> answers = new TreeMap<>();
      for (String name : names) {
        answers.put(name, threads.submit(() -> ask(name, path, turns)));
      }
      for (Map.Entry<String, Future<Facts>> each : answers.entrySet()) {
        try {
          pages.put(each.getKey(), each.getValue().get());
        } catch (ExecutionException e) {
          silent.put(each.getKey(), reason(e));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return pages;
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
  }

  private Facts ask(String name, String path, Semaphore turns)
      throws IOException, InterruptedException {
    turns.acquire();
    try {
      Object page =
          new Load(LoadSettings.builder().setCodePointLimit(MOST_CHARACTERS).build())
              .loadFromString(sidecars.page(name, path));
      return Facts.of(page == null ? Map.of() : page);
    } catch (YamlEngineException e) {
      throw new IOException(path + " is not JSON: " + e.getMessage(), e);
    } finally {
      turns.release();
    }
  }
}
