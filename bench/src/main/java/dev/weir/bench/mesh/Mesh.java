package dev.weir.bench.mesh;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The clients, over a few connections. Any thread. */
final class Mesh implements AutoCloseable {
  static final int LARGEST_RESPONSE = 64 << 20;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final MeshShape shape;
  private final MeshSource source;
  private final List<Client> clients = new ArrayList<>();
  private final Set<ManagedChannel> channels = new HashSet<>();
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("later").daemon().factory());
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong told = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicInteger most = new AtomicInteger();
  private volatile @Nullable Watch watch;
  private volatile String failure = "none";
  private volatile boolean over;

  /**
   * @param port of the control plane
   */
  Mesh(MeshShape shape, MeshSource source, int port) throws IOException {
    this.shape = shape;
    this.source = source;
    for (int i = 0; i < shape.sidecars(); i++) {
      ManagedChannel channel = source.channel(i, port);
      channels.add(channel);
      clients.add(new Client(this, i, channel, later));
    }
  }

  MeshSource source() {
    return source;
  }

  MeshShape shape() {
    return shape;
  }

  /** Those who are told of a service. */
  List<Client> toldOf(int service) {
    return clients.stream().filter(client -> shape.tells(client.service(), service)).toList();
  }

  List<Client> clients() {
    return clients;
  }

  void start() {
    clients.forEach(Client::start);
  }

  /** How many have all endpoints that they are told of. */
  long complete() {
    return clients.stream()
        .filter(client -> client.endpoints() == shape.told(client.service()))
        .count();
  }

  /** Waits until all have. */
  void awaitComplete() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (complete() < clients.size()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%d of %d clients have all endpoints; the last that failed: %s"
                .formatted(complete(), clients.size(), failure));
      }
      Thread.sleep(20);
    }
  }

  /** Waits until nothing has come for two seconds; returns when the last came, in nanoseconds. */
  long awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    long last = received.get();
    while (System.nanoTime() - last < QUIET_NANOS) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("there is always something that comes");
      }
      Thread.sleep(20);
      last = received.get();
    }
    return last;
  }

  /** All clients look for this from now on. */
  void watch(Watch next) {
    watch = next;
  }

  @Nullable Watch watch() {
    return watch;
  }

  /** Why a stream ended. */
  void failed(Throwable why) {
    failure = String.valueOf(why.getMessage());
  }

  void received(int size) {
    bytes.addAndGet(size);
    received.set(System.nanoTime());
  }

  /** A client has told of its traffic. */
  void told() {
    told.incrementAndGet();
  }

  /** How many have, since it was asked before. */
  long summaries() {
    return told.getAndSet(0);
  }

  /** Why a stream ended last. */
  String failure() {
    return failure;
  }

  /** Bytes of responses since it was asked before. */
  long bytes() {
    return bytes.getAndSet(0);
  }

  /** A client has so many endpoints. */
  void has(Client client, int endpoints) {
    most.accumulateAndGet(shape.told(client.service()) - endpoints, Math::max);
  }

  /** From now on it is counted how many endpoints any client misses at most. */
  void countMissing() {
    most.set(0);
  }

  int mostMissing() {
    return most.get();
  }

  boolean isOver() {
    return over;
  }

  @Override
  public void close() {
    over = true;
    later.shutdownNow();
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
