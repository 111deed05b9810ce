package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.xds.ControlThread;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks names up as the system's files and a cluster's {@link DnsDiscovery.Resolver} say, a bounded
 * number at once; nothing is kept for the next. It opens its socket, and reads {@code
 * /etc/resolv.conf}, for the first name that needs it. Control thread.
 */
final class Resolver implements AutoCloseable {
  /** Lookups under way; others wait, of each watched name one at most. */
  private static final int MOST_AT_ONCE = 128;

  private final Loop loop;
  private final Loops loops;
  private final ControlThread control;
  private final Path resolvConf;
  private final HostsFile hosts;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private int underWay;
  private @Nullable DnsQueries queries;
  private @Nullable ResolvConf system;
  private boolean closed;

  private record Waiting(NameLookup.Request request, Consumer<Answer> then) {}

  Resolver(Loops loops, ControlThread control, Path resolvConf, Path hosts) {
    this.loop = loops.get(0);
    this.loops = loops;
    this.control = control;
    this.resolvConf = resolvConf;
    this.hosts = new HostsFile(hosts);
  }

  /**
   * @param wanted false: nobody waits for it any more; any thread
   * @param then told once, on the control thread, and never before this returns; not after {@link
   *     #close}
   */
  void lookUp(String name, DnsDiscovery dns, BooleanSupplier wanted, Consumer<Answer> then) {
    Optional<Answer> known = hosts.lookUp(name, dns.family());
    if (known.isPresent()) {
      control.execute(() -> then.accept(known.get()));
      return;
    }
    DnsDiscovery.Resolver how = dns.resolver();
    ResolvConf files = system();
    List<InetSocketAddress> servers =
        how.servers().isEmpty()
            ? files.servers()
            : how.servers().stream()
                .map(server -> NetworkNames.socketAddress(server.host(), server.port()))
                .toList();
    List<String> candidates = how.searchDomains() ? files.candidates(name) : List.of(name);
    waiting.add(
        new Waiting(
            new NameLookup.Request(
                candidates, servers, dns.family(), how.timeout(), how.tries(), wanted),
            then));
    startWaiting();
  }

  private ResolvConf system() {
    ResolvConf known = system;
    if (known == null) {
      known = ResolvConf.read(resolvConf);
      system = known;
    }
    return known;
  }

  private DnsQueries queries() {
    DnsQueries known = queries;
    if (known == null) {
      known = new DnsQueries(loop, loops);
      queries = known;
    }
    return known;
  }

  private void startWaiting() {
    while (underWay < MOST_AT_ONCE && !closed) {
      Waiting next = waiting.poll();
      if (next == null) {
        return;
      }
      underWay++;
      DnsQueries asked = queries();
      loop.eventLoop()
          .execute(() ->
              NameLookup.start(
                  asked,
                  next.request(),
                  answer -> control.execute(() -> ended(answer, next.then()))));
    }
  }

  private void ended(Answer answer, Consumer<Answer> then) {
    underWay--;
    if (!closed) {
      then.accept(answer);
      startWaiting();
    }
  }

  @Override
  public void close() {
    closed = true;
    waiting.clear();
    if (queries != null) {
      queries.close();
    }
  }
}
