package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The services of a folder while they run. Any thread. */
final class Up {
  private static final int POLL_MILLIS = 200;

  private final List<Service> order;
  private final Path weir;
  private final Folders folders;
  private final Journal journal;
  private final Semaphore turns;
  private final Limits limits;
  private final Progress progress;
  private final Map<String, List<Instance>> instances = new LinkedHashMap<>();
  private final Map<String, Integer> ended = new LinkedHashMap<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private int toCome;
  private boolean failed;

  /**
   * How long, and how many.
   *
   * @param leaving how long an instance may take to end beside the time that its app has
   * @param atOnce so many are on their way at a time: a sidecar has a minute to be ready in
   * @param waiting after that it is said what a service waits for
   * @param ready how long one that was restarted may take to be ready, before the next one is
   */
  record Limits(Duration leaving, int atOnce, Duration waiting, Duration ready) {}

  /**
   * @param order the services, each after those that it depends on
   * @param weir the launcher
   */
  Up(List<Service> order, Path weir, Folders folders, Journal journal, Limits limits) {
    this.order = List.copyOf(order);
    this.weir = weir;
    this.folders = folders;
    this.journal = journal;
    this.limits = limits;
    this.progress = new Progress(folders.mesh());
    this.turns = new Semaphore(limits.atOnce(), true);
  }

  /** Starts each service as soon as those that it waits for are there. */
  synchronized void start() {
    toCome = order.size();
    for (Service service : order) {
      instances.put(service.name(), new ArrayList<>());
      Thread.ofVirtual().name(service.name()).start(() -> bring(service));
    }
    doneIfSo();
  }

  private void bring(Service service) {
    try {
      boolean all = true;
      for (Map.Entry<String, Service.Condition> needed : service.dependsOn().entrySet()) {
        all = all && await(service, needed.getKey(), needed.getValue());
      }
      for (int index = 1; all && index <= service.replicas(); index++) {
        turns.acquire();
        Optional<Instance> started = startOne(service, index);
        Thread.ofVirtual()
            .name(service.instance(index) + " starts")
            .start(() -> giveTurnBack(started));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      came();
    }
  }

  /** When it is on its way no more. */
  private void giveTurnBack(Optional<Instance> started) {
    try {
      boolean over = false;
      while (!over
          && started
              .filter(one -> one.running() && stage(one) == Progress.Stage.STARTING)
              .isPresent()) {
        over = stopping.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      turns.release();
    }
  }

  private synchronized void came() {
    toCome--;
    doneIfSo();
  }

  private void doneIfSo() {
    if (toCome == 0 && instances.values().stream().allMatch(List::isEmpty)) {
      done.countDown();
    }
  }

  private synchronized Optional<Instance> startOne(Service service, int index) {
    String name = service.instance(index);
    if (stopping.getCount() == 0) {
      return Optional.empty();
    }
    try {
      Instance instance =
          Instance.start(weir, folders.config(), service, index, name, line -> said(name, line));
      ended.remove(name);
      of(service.name()).add(instance);
      Thread.ofVirtual().name(name).start(() -> awaitEnd(service, instance));
      return Optional.of(instance);
    } catch (IOException e) {
      failed = true;
      journal.write(name, "cannot be started: " + e.getMessage());
      return Optional.empty();
    }
  }

  private List<Instance> of(String service) {
    return instances.getOrDefault(service, new ArrayList<>());
  }

  /** What the control plane says comes to all of them; once is enough. */
  private synchronized void said(String name, String line) {
    boolean first =
        instances.values().stream()
            .flatMap(List::stream)
            .findFirst()
            .map(instance -> instance.name().equals(name))
            .orElse(true);
    String sidecar = "[" + name + " sidecar] ";
    if (line.startsWith(sidecar)) {
      journal.write(name, "[sidecar] " + line.substring(sidecar.length()));
    } else if (!line.startsWith("[control plane] ")) {
      journal.write(name, line);
    } else if (first) {
      journal.write("control plane", line.substring("[control plane] ".length()));
    }
  }

  private void awaitEnd(Service service, Instance instance) {
    try {
      int status = instance.await();
      synchronized (this) {
        of(service.name()).remove(instance);
        ended.put(instance.name(), status);
        if (!instance.stopping()) {
          failed |= status != 0;
          journal.write(instance.name(), "ended with status " + status);
        }
        doneIfSo();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it came to be so; else it is not to be any more, or cannot. */
  private boolean await(Service service, String needed, Service.Condition condition)
      throws InterruptedException {
    long begin = System.nanoTime();
    boolean told = false;
    while (!stopping.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      Optional<String> hindrance = hindrance(needed, condition);
      if (hindrance.isPresent()) {
        synchronized (this) {
          failed = true;
          journal.write(
              service.name(),
              "is not started: " + needed + ", on which it depends, " + hindrance.get());
        }
        return false;
      }
      if (is(needed, condition)) {
        return true;
      }
      if (!told && System.nanoTime() - begin >= limits.waiting().toNanos()) {
        told = true;
        journal.write(service.name(), "waits for " + needed + ", which " + condition.lacking());
      }
    }
    return false;
  }

  /** Why it will not be so any more. */
  private synchronized Optional<String> hindrance(String needed, Service.Condition condition) {
    List<Integer> statuses = statuses(needed);
    if (condition == Service.Condition.COMPLETED) {
      return statuses.stream()
          .filter(status -> status != 0)
          .findFirst()
          .map(status -> "has ended with status " + status);
    }
    return of(needed).isEmpty() && !statuses.isEmpty()
        ? Optional.of("has ended")
        : Optional.empty();
  }

  /** Of its instances that have ended. */
  private synchronized List<Integer> statuses(String name) {
    return order.stream()
        .filter(service -> service.name().equals(name))
        .flatMap(service -> service.instances().stream())
        .filter(ended::containsKey)
        .map(instance -> ended.getOrDefault(instance, 0))
        .toList();
  }

  private boolean is(String name, Service.Condition condition) {
    List<Instance> all;
    synchronized (this) {
      all = List.copyOf(of(name));
    }
    int wanted =
        order.stream()
            .filter(service -> service.name().equals(name))
            .mapToInt(Service::replicas)
            .sum();
    return switch (condition) {
      case STARTED -> all.size() >= wanted;
      case HEALTHY ->
          all.size() >= wanted
              && all.stream().allMatch(instance -> stage(instance) == Progress.Stage.READY);
      case COMPLETED -> statuses(name).equals(Collections.nCopies(wanted, 0));
    };
  }

  private Progress.Stage stage(Instance instance) {
    return progress.of(instance).stage();
  }

  /** Until all have ended. */
  void await() throws InterruptedException {
    done.await();
  }

  /** Whether one was not started, or failed. */
  synchronized boolean failed() {
    return failed;
  }

  /**
   * Waits until each service is ready, for at most {@code limit}.
   *
   * @return those that are not
   */
  List<String> awaitReady(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    List<String> missing = new ArrayList<>(services());
    do {
      missing.removeIf(this::there);
    } while (!missing.isEmpty()
        && !failed()
        && System.nanoTime() - until < 0
        && !done.await(POLL_MILLIS, TimeUnit.MILLISECONDS));
    return missing;
  }

  /** One that others wait for until it is done is not there for longer than that. */
  private boolean there(String name) {
    return is(name, Service.Condition.HEALTHY)
        || (order.stream()
                .anyMatch(service -> service.dependsOn().get(name) == Service.Condition.COMPLETED)
            && is(name, Service.Condition.COMPLETED));
  }

  /**
   * Ends all, each before those that it depends on.
   *
   * @return what is to be said of those that did not end by themselves
   */
  List<String> stop() throws InterruptedException {
    stopping.countDown();
    List<String> killed = new ArrayList<>();
    for (Service service : order.reversed()) {
      killed.addAll(stop(service));
    }
    return killed;
  }

  /** Nobody is asked any more. */
  synchronized void kill() {
    instances.values().forEach(all -> all.forEach(Instance::stop));
  }

  private List<String> stop(Service service) throws InterruptedException {
    List<Instance> all;
    synchronized (this) {
      all = List.copyOf(of(service.name()));
    }
    return stop(service, all);
  }

  private List<String> stop(Service service, List<Instance> all) throws InterruptedException {
    all.forEach(Instance::stop);
    Duration limit = service.stopGrace().plus(limits.leaving());
    long until = System.nanoTime() + limit.toNanos();
    List<String> killed = new ArrayList<>();
    for (Instance instance : all) {
      if (!instance.hasEndedWithin(Duration.ofNanos(Math.max(0, until - System.nanoTime())))) {
        String said = "did not end within " + Durations.text(limit) + "; it is killed";
        synchronized (this) {
          failed = true;
          journal.write(instance.name(), said);
        }
        killed.add(instance.name() + " " + said);
        instance.kill();
      }
      instance.await();
    }
    return killed;
  }

  /**
   * What came of a restart.
   *
   * @param all whether all instances were restarted
   * @param said of those that did not end by themselves, or are not ready
   */
  record Restarted(boolean all, List<String> said) {
    Restarted {
      said = List.copyOf(said);
    }
  }

  /**
   * Ends a service's instances and starts them again, each as soon as the one before is ready: the
   * others serve meanwhile. One that does not get ready is the last.
   *
   * @return empty: there is no such service
   */
  Optional<Restarted> restart(String name) throws InterruptedException {
    for (Service service : order) {
      if (service.name().equals(name)) {
        synchronized (this) {
          toCome++;
        }
        try {
          return Optional.of(restart(service));
        } finally {
          came();
        }
      }
    }
    return Optional.empty();
  }

  private Restarted restart(Service service) throws InterruptedException {
    List<String> said = new ArrayList<>();
    Optional<Instance> before = Optional.empty();
    for (int index = 1; index <= service.replicas(); index++) {
      String instance = service.instance(index);
      if (before.isPresent() && !getsReady(before.get())) {
        said.add(
            "%s is not ready; %s and what comes behind it stay as they are"
                .formatted(before.get().name(), instance));
        return new Restarted(false, said);
      }
      List<Instance> running;
      synchronized (this) {
        running = of(service.name()).stream().filter(one -> one.name().equals(instance)).toList();
      }
      said.addAll(stop(service, running));
      before = startOne(service, index);
    }
    return new Restarted(true, said);
  }

  private boolean getsReady(Instance instance) throws InterruptedException {
    long until = System.nanoTime() + limits.ready().toNanos();
    while (stage(instance) != Progress.Stage.READY) {
      if (!instance.running()
          || System.nanoTime() - until >= 0
          || stopping.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  List<String> services() {
    return order.stream().map(Service::name).toList();
  }

  /** Whether it is a service, with its namespace or without, or an instance. */
  boolean isKnown(String name) {
    return order.stream()
        .anyMatch(service ->
            service.name().equals(name)
                || service.shortName().equals(name)
                || service.instances().contains(name));
  }

  /** A line each. */
  List<String> table() throws InterruptedException {
    Map<String, Instance> running = new LinkedHashMap<>();
    Map<String, Integer> statuses;
    synchronized (this) {
      instances.values().forEach(all -> all.forEach(one -> running.put(one.name(), one)));
      statuses = Map.copyOf(ended);
    }
    return InstanceTable.lines(order, running, statuses, progress.of(running.values()));
  }
}
