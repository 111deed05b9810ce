package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.DnsDiscovery.Family;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks one name up once: asks for the family's kinds of address, for the name in each search
 * domain until one has some, of one server after the other until one can say. Event loop of {@link
 * DnsQueries}.
 */
final class NameLookup {
  /**
   * @param candidates names to ask for in turn, one or more
   * @param servers to ask in turn, one or more
   * @param tries questions about one of the names, of one kind
   * @param wanted false: nobody waits for the answer any more, and it may stop
   */
  record Request(
      List<String> candidates,
      List<InetSocketAddress> servers,
      Family family,
      Duration timeout,
      int tries,
      BooleanSupplier wanted) {}

  private static final Answer NO_ADDRESSES = new Answer.Found(List.of(), Duration.ZERO);
  private static final String NOT_WANTED = "it is not wanted any more";

  private final DnsQueries queries;
  private final Request request;
  private final Consumer<Answer> then;

  private NameLookup(DnsQueries queries, Request request, Consumer<Answer> then) {
    this.queries = queries;
    this.request = request;
    this.then = then;
  }

  /**
   * @param then told once
   */
  static void start(DnsQueries queries, Request request, Consumer<Answer> then) {
    new NameLookup(queries, request, then).start();
  }

  private void start() {
    switch (request.family()) {
      case V4_ONLY -> ask(DnsRecordType.A, then);
      case V6_ONLY -> ask(DnsRecordType.AAAA, then);
      case AUTO -> askEither(DnsRecordType.AAAA, DnsRecordType.A);
      case V4_PREFERRED -> askEither(DnsRecordType.A, DnsRecordType.AAAA);
      case ALL ->
          ask(DnsRecordType.A, v4 -> ask(DnsRecordType.AAAA, v6 -> then.accept(v4.and(v6))));
    }
  }

  private void askEither(DnsRecordType first, DnsRecordType second) {
    ask(
        first,
        answer -> {
          if (answer.hasAddresses()) {
            then.accept(answer);
          } else {
            ask(second, other -> then.accept(answer.and(other)));
          }
        });
  }

  private void ask(DnsRecordType type, Consumer<Answer> answered) {
    new Asking(type, answered).next();
  }

  /** For addresses of one kind. */
  private final class Asking {
    private final DnsRecordType type;
    private final Consumer<Answer> answered;
    private int candidate;
    private int tries;
    private @Nullable String refusal;

    Asking(DnsRecordType type, Consumer<Answer> answered) {
      this.type = type;
      this.answered = answered;
    }

    void next() {
      if (!request.wanted().getAsBoolean()) {
        answered.accept(new Answer.Failed(NOT_WANTED));
      } else if (candidate == request.candidates().size()) {
        answered.accept(refusal == null ? NO_ADDRESSES : new Answer.Failed(refusal));
      } else {
        InetSocketAddress server = request.servers().get(tries % request.servers().size());
        queries.ask(
            server, request.candidates().get(candidate), type, request.timeout(), this::take);
      }
    }

    private void take(Reply reply) {
      tries++;
      switch (reply) {
        case Reply.Addresses(List<String> addresses, long ttlSeconds) -> {
          if (addresses.isEmpty()) {
            nextCandidate();
          } else {
            answered.accept(new Answer.Found(addresses, Duration.ofSeconds(ttlSeconds)));
          }
        }
        case Reply.Refusal(String reason) -> {
          if (tries < request.tries()) {
            next();
          } else {
            refusal = reason;
            nextCandidate();
          }
        }
        case Reply.Silence(String reason) -> {
          if (tries < request.tries()) {
            next();
          } else {
            // Who is silent about one name need not be asked for the next.
            answered.accept(new Answer.Failed(reason));
          }
        }
      }
    }

    private void nextCandidate() {
      candidate++;
      tries = 0;
      next();
    }
  }
}
