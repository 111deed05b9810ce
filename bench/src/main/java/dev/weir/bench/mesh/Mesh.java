package dev.weir.bench.mesh;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The clients, over a few connections. Any thread. */
final class Mesh implements AutoCloseable {
  private static final int CONNECTIONS = 16;
  private static final int LARGEST_RESPONSE = 64 << 20;

  private final int services;
  private final List<Client> clients = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("later").daemon().factory());
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger fewest = new AtomicInteger(Integer.MAX_VALUE);
  private volatile @Nullable Watch watch;
  private volatile boolean over;

  Mesh(int services, int instances, int port) {
    this.services = services;
    for (int i = 0; i < CONNECTIONS; i++) {
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .maxInboundMessageSize(LARGEST_RESPONSE)
              .directExecutor()
              .build());
    }
    for (int i = 0; i < services * instances; i++) {
      clients.add(new Client(this, i, channels.get(i % CONNECTIONS), later));
    }
  }

  int services() {
    return services;
  }

  List<Client> clients() {
    return clients;
  }

  void start() {
    clients.forEach(Client::start);
  }

  /** How many have all endpoints of all. */
  long complete() {
    return clients.stream().filter(client -> client.endpoints() == clients.size()).count();
  }

  /** Waits until all have. */
  void awaitComplete() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (complete() < clients.size()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%d of %d clients have all endpoints".formatted(complete(), clients.size()));
      }
      Thread.sleep(20);
    }
  }

  /** All clients look for this from now on. */
  void watch(Watch next) {
    watch = next;
  }

  @Nullable Watch watch() {
    return watch;
  }

  void received(int size) {
    bytes.addAndGet(size);
  }

  /** Bytes of responses since it was asked before. */
  long bytes() {
    return bytes.getAndSet(0);
  }

  /** A client has so many endpoints; counts once it had all of them. */
  void has(Client client, int endpoints) {
    if (fewest.get() != Integer.MAX_VALUE) {
      fewest.accumulateAndGet(endpoints, Math::min);
    }
  }

  /** From now on the fewest endpoints that any client has are counted. */
  void countFewest() {
    fewest.set(clients.size());
  }

  int fewest() {
    return fewest.get();
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
