package dev.weir.control.server.subscription;

import dev.weir.control.compile.Names;
import dev.weir.control.model.Addresses;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a client says of its workload, of which nothing is sent back under its name: the ports that
 * accept, and the destinations that it calls. Control thread.
 */
public final class OwnWords {
  /** Destinations that a client asks for; a sidecar asks for fewer. */
  private static final int MOST_CALLED = 4096;

  /** Of a workload: a Service has 64 at most, and few are several Services at once. */
  private static final int MOST_PORTS = 256;

  /** What one takes, here and among the instances. */
  private static final int PORT_BYTES = 100;

  /** Of a name that is wrong. */
  private static final int MOST_QUOTED = 64;

  private Set<String> healthy = Set.of();

  /** The destinations that it was last seen to want. */
  private NameSet called = NameSet.EMPTY;

  /** The ports that accept. */
  public Set<String> healthy() {
    return healthy;
  }

  public void healthy(Set<String> listed) throws StatusException {
    check("WorkloadHealth", listed, Addresses::isPort, "is not a port");
    bound(listed.size(), MOST_PORTS, "ports");
    healthy = Set.copyOf(listed);
  }

  /**
   * @return whether they are others than before
   */
  public boolean called(NameSet names) throws StatusException {
    if (names == called) {
      return false;
    }
    check("Destination", names.all(), Names::isDestination, "is not an IPv4 address and a port");
    bound(names.size(), MOST_CALLED, "destinations");
    called = names;
    return true;
  }

  private static void check(
      String type, Collection<String> names, Predicate<String> isOne, String otherwise)
      throws StatusException {
    Optional<String> wrong = names.stream().filter(isOne.negate()).findFirst();
    if (wrong.isPresent()) {
      String name = wrong.get();
      String cut = name.length() > MOST_QUOTED ? name.substring(0, MOST_QUOTED) + "..." : name;
      throw Status.INVALID_ARGUMENT
          .withDescription("%s: \"%s\" %s".formatted(type, cut, otherwise))
          .asException();
    }
  }

  private static void bound(int number, int most, String many) throws StatusException {
    if (number > most) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("more than " + most + " " + many)
          .asException();
    }
  }

  /** About what the ports take: destinations are a subscription's names. */
  public long bytes() {
    return (long) PORT_BYTES * healthy.size();
  }
}
