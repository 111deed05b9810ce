package dev.weir.sidecar.cni;

import dev.weir.sidecar.intercept.PodRules;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the plugin chained and answers it. One thread looks at the node's confs once a second, and
 * at the requests when the kernel says that there is one; a few write rules.
 */
final class Agent implements AutoCloseable {
  /** There while the plugin is chained: the pod of the agent is ready. */
  static final String READY = "ready";

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** What a plugin that was killed has left, of which each waits for some seconds. */
  private static final Duration LEFT_BEHIND = Duration.ofMinutes(5);

  private static final int WRITERS = 4;
  private static final int MOST_WAITING = 256;

  private final ConfFolder confs;
  private final Path run;
  private final Consumer<String> log;
  private final WatchService watch;

  /** Who finds it full writes the rules itself: further requests wait in their folder. */
  private final ThreadPoolExecutor writers =
      new ThreadPoolExecutor(
          WRITERS,
          WRITERS,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> Thread.ofPlatform().name("rules").daemon(true).unstarted(task),
          new ThreadPoolExecutor.CallerRunsPolicy());

  private String said = "";
  private boolean takenAway;
  private boolean unchained;

  /** The plugin is among the node's already. */
  Agent(Path conf, Path run, Consumer<String> log) throws IOException {
    this.confs = new ConfFolder(conf);
    this.run = run;
    this.log = log;
    writers.allowCoreThreadTimeOut(true);
    Files.createDirectories(run);
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
    Files.deleteIfExists(run.resolve(READY));
    tidy();
    watch = FileSystems.getDefault().newWatchService();
    run.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
  }

  private void tidy() throws IOException {
    Instant old = Instant.now().minus(LEFT_BEHIND);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(run, "*.{new,request,answer}")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Until the program ends. */
  void serve() throws IOException, InterruptedException {
    long next = System.nanoTime();
    while (true) {
      // No more often, whatever moves there: another program may undo each time what this one does.
      if (System.nanoTime() - next >= 0) {
        chain();
        next = System.nanoTime() + INTERVAL.toNanos();
      }
      answer();
      WatchKey key = watch.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (key != null) {
        key.pollEvents();
        key.reset();
      }
    }
  }

  /** Looks at the node's confs once, unless it has been taken out of the chain. */
  synchronized void chain() throws IOException {
    if (unchained) {
      return;
    }
    switch (look()) {
      case ConfFolder.State.Chained(String file, boolean again) -> {
        if (again && !takenAway) {
          takenAway = true;
          log.accept(
              "another program takes "
                  + ConfFolder.OWN
                  + " away, and each time it is put back; pods that are made meanwhile are not"
                  + " redirected (Cilium: set cni.exclusive: false)");
        }
        say("chained behind the plugins of " + file);
        ready(true);
      }
      case ConfFolder.State.NoNetwork() -> {
        say("the node has no network yet: there is no conf to chain the plugin to");
        ready(false);
      }
      case ConfFolder.State.Broken(String problem) -> {
        say("not chained anew: " + problem);
        ready(false);
      }
    }
  }

  /** What cannot be read or written now may be later; pods that wait are answered all the same. */
  private ConfFolder.State look() {
    try {
      return confs.look();
    } catch (IOException e) {
      return new ConfFolder.State.Broken(e.toString());
    }
  }

  private void say(String state) {
    if (!state.equals(said)) {
      said = state;
      log.accept(state);
    }
  }

  private void ready(boolean is) throws IOException {
    Path file = run.resolve(READY);
    if (!is) {
      Files.deleteIfExists(file);
    } else if (!Files.exists(file)) {
      Files.createFile(file);
    }
  }

  /** Takes those that wait, and has them answered. */
  void answer() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(run, "*" + Request.SUFFIX)) {
      for (Path file : files) {
        Request.take(file).ifPresent(request -> writers.execute(() -> answer(request)));
      }
    }
  }

  private void answer(Request request) {
    try {
      Optional<String> problem = redirect(request);
      problem.ifPresent(text -> log.accept("pod " + request.pod() + ": " + text));
      request.answer(problem);
    } catch (NoSuchFileException e) {
      log.accept("pod " + request.pod() + ": nobody waits for its rules any more");
    } catch (IOException e) {
      log.accept("pod " + request.pod() + ": the plugin cannot be answered: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the plugin's patience ends, and the kubelet tries again
    }
  }

  private static Optional<String> redirect(Request request)
      throws IOException, InterruptedException {
    if (!request.namespace().startsWith("/") || !Files.exists(Path.of(request.namespace()))) {
      return Optional.of(
          "the agent sees no network namespace \""
              + request.namespace()
              + "\"; set cni.netnsDir of the chart to the folder that it is in");
    }
    try {
      return PodRules.parse(request.words()).apply(Path.of(request.namespace()));
    } catch (IllegalArgumentException e) {
      return Optional.of("annotation weir.dev/intercept: " + e.getMessage());
    }
  }

  /** Takes the plugin out of the chain for good. Any thread. */
  synchronized void unchain() throws IOException {
    unchained = true;
    ready(false);
    confs.remove();
  }

  @Override
  public void close() throws IOException {
    writers.shutdown();
    watch.close();
  }
}
