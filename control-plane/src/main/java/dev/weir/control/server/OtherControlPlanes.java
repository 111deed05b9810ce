package dev.weir.control.server;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Empty;
import dev.weir.control.server.PolicyReach.Part;
import dev.weir.protos.service.status.v1alpha1.PolicyReachResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Asks the other control planes of an installation how far policies have come with their proxies.
 * What one has said holds for a while when it does not answer. One thread at a time.
 */
public final class OtherControlPlanes implements AutoCloseable {
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(2);
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  /** Who goes in order is no longer named by then, and his proxies are with others. */
  private static final Duration HOLDS = Duration.ofSeconds(15);

  private final SslContext tls;
  private final LongSupplier nanoTime;
  private final Consumer<String> told;
  private final Map<String, Other> known = new HashMap<>();

  private final class Other {
    final InetSocketAddress address;
    final ManagedChannel channel;
    private Optional<Part> last = Optional.empty();
    private long heard = nanoTime.getAsLong();

    Other(InetSocketAddress address) {
      this.address = address;
      this.channel =
          NettyChannelBuilder.forAddress(address)
              .sslContext(tls)
              .maxInboundMessageSize(MAX_ANSWER_BYTES)
              .build();
    }

    ListenableFuture<PolicyReachResponse> ask() {
      return ClientCalls.futureUnaryCall(
          channel.newCall(
              ReachService.LOOK,
              CallOptions.DEFAULT.withDeadlineAfter(
                  LONGEST_ANSWER.toNanos(), TimeUnit.NANOSECONDS)),
          Empty.getDefaultInstance());
    }

    void heard(Part part) {
      last = Optional.of(part);
      heard = nanoTime.getAsLong();
    }

    Optional<Part> known() {
      return nanoTime.getAsLong() - heard < HOLDS.toNanos() ? last : Optional.empty();
    }
  }

  private record Question(String name, Other other, ListenableFuture<PolicyReachResponse> answer) {}

  /**
   * @param tls proves who this is, and trusts control planes alone
   * @param told is told who does not answer and why, a line each time
   */
  public OtherControlPlanes(SslContext tls, LongSupplier nanoTime, Consumer<String> told) {
    this.tls = tls;
    this.nanoTime = nanoTime;
    this.told = told;
  }

  /**
   * Waits until they have answered, for a few seconds at most.
   *
   * @param addresses all that there are, by name
   * @return what each said; empty: it has not said anything for a while
   */
  public SortedMap<String, Optional<Part>> ask(Map<String, InetSocketAddress> addresses)
      throws InterruptedException {
    known.entrySet().removeIf(each -> isGone(each.getKey(), each.getValue(), addresses));
    addresses.forEach((name, address) -> known.computeIfAbsent(name, key -> new Other(address)));
    List<Question> asked = new ArrayList<>();
    known.forEach((name, other) -> asked.add(new Question(name, other, other.ask())));
    SortedMap<String, Optional<Part>> said = new TreeMap<>();
    for (Question one : asked) {
      try {
        one.other.heard(ReachService.part(one.answer.get()));
      } catch (ExecutionException e) {
        told.accept(
            "control plane %s does not say how far policies have come: %s"
                .formatted(one.name, Status.fromThrowable(e)));
      }
      said.put(one.name, one.other.known());
    }
    return said;
  }

  private static boolean isGone(
      String name, Other other, Map<String, InetSocketAddress> addresses) {
    if (other.address.equals(addresses.get(name))) {
      return false;
    }
    other.channel.shutdownNow();
    return true;
  }

  @Override
  public void close() {
    known.values().forEach(other -> other.channel.shutdownNow());
    known.clear();
  }
}
