package dev.weir.sidecar.up;

import dev.weir.cli.Table;
import dev.weir.sidecar.member.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private final Duration leaving;
  private final Map<String, List<Instance>> instances = new LinkedHashMap<>();
  private final Map<String, Integer> ended = new LinkedHashMap<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private int toCome;
  private boolean failed;

  /**
   * @param order the services, each after those that it depends on
   * @param weir the launcher
   * @param leaving how long an instance may take to end beside the time that its app has
   * @param atOnce so many are on their way at a time: a sidecar has a minute to be ready in
   */
  Up(
      List<Service> order,
      Path weir,
      Folders folders,
      Journal journal,
      Duration leaving,
      int atOnce) {
    this.order = List.copyOf(order);
    this.weir = weir;
    this.folders = folders;
    this.journal = journal;
    this.leaving = leaving;
    this.turns = new Semaphore(atOnce, true);
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
            .name(label(service, index) + " starts")
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
          && started.filter(one -> one.running() && state(one).equals(STARTING)).isPresent()) {
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
    String name = label(service, index);
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

  private static String label(Service service, int index) {
    return service.name().substring(service.name().indexOf('/') + 1) + "-" + index;
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
    while (!stopping.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      if (gone(needed)) {
        synchronized (this) {
          failed = true;
          journal.write(
              service.name(), "is not started: " + needed + ", on which it depends, has ended");
        }
        return false;
      }
      if (is(needed, condition)) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean gone(String name) {
    return of(name).isEmpty()
        && order.stream()
            .filter(service -> service.name().equals(name))
            .anyMatch(service -> service.replicas() > 0 && ended.containsKey(label(service, 1)));
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
    if (all.size() < wanted) {
      return false;
    }
    return condition == Service.Condition.STARTED
        || all.stream().allMatch(instance -> state(instance).equals(READY));
  }

  private static final String STARTING = "starting";
  private static final String READY = "ready";

  /** Where it is on its way. */
  private String state(Instance instance) {
    try {
      Optional<MeshFolder.Member> member = member(instance);
      if (member.isEmpty()) {
        return STARTING;
      }
      for (ControlPlanePages.Proxy proxy :
          ControlPlanePages.proxies(member.get().controlPlane("/proxies"))) {
        if (proxy.node().equals(member.get().name())) {
          boolean served =
              !proxy.readyPorts().isEmpty()
                  || !ControlPlanePages.hasPorts(
                      member.get().controlPlane("/services"), proxy.service());
          return served && proxy.inSync() ? READY : "not ready";
        }
      }
      return STARTING;
    } catch (IOException e) {
      return STARTING; // its doors are not there yet
    }
  }

  private Optional<MeshFolder.Member> member(Instance instance) throws IOException {
    return folders.mesh().members().stream()
        .filter(member -> member.pid() == instance.pid())
        .findFirst();
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
      missing.removeIf(name -> is(name, Service.Condition.HEALTHY));
    } while (!missing.isEmpty()
        && !failed()
        && System.nanoTime() - until < 0
        && !done.await(POLL_MILLIS, TimeUnit.MILLISECONDS));
    return missing;
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
    all.forEach(Instance::stop);
    Duration limit = service.stopGrace().plus(leaving);
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
   * Ends a service's instances and starts them again.
   *
   * @return what is to be said of those that did not end by themselves; empty: there is no such
   *     service
   */
  Optional<List<String>> restart(String name) throws InterruptedException {
    for (Service service : order) {
      if (service.name().equals(name)) {
        synchronized (this) {
          toCome++;
        }
        List<String> killed = stop(service);
        for (int index = 1; index <= service.replicas(); index++) {
          startOne(service, index);
        }
        came();
        return Optional.of(killed);
      }
    }
    return Optional.empty();
  }

  List<String> services() {
    return order.stream().map(Service::name).toList();
  }

  /** A line each. */
  List<String> table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "SERVICE", "STATE", "PID", "PORTS"));
    for (Service service : order) {
      for (int index = 1; index <= service.replicas(); index++) {
        String name = label(service, index);
        Optional<Instance> instance;
        Optional<Integer> status;
        synchronized (this) {
          instance = of(service.name()).stream().filter(one -> one.name().equals(name)).findFirst();
          status = Optional.ofNullable(ended.get(name));
        }
        rows.add(
            List.of(
                name,
                service.name(),
                instance
                    .map(this::state)
                    .orElse(status.map(ending -> "ended with status " + ending).orElse("waits")),
                instance.map(one -> Long.toString(one.pid())).orElse(""),
                String.join(" ", service.ports().stream().map(Object::toString).toList())));
      }
    }
    return Table.lines(rows);
  }
}
