package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Who has a stream on which it tells something: who may, and so many at most, as of the streams of
 * configuration. Control thread.
 */
public final class Guests {
  private static final int LONGEST_VERSION = 64;

  private final Function<ObjectName, Optional<Pods.Place>> pods;
  private final int most;
  private final Shares shares;
  private final Consumer<String> wrong;
  private int count;

  /**
   * @param pods whose the pods of a cluster are
   * @param wrong is told who is refused, and why
   */
  public Guests(Function<ObjectName, Optional<Pods.Place>> pods, int most, Consumer<String> wrong) {
    this.pods = pods;
    this.most = most;
    this.shares = new Shares(most / 2, Long.MAX_VALUE);
    this.wrong = wrong;
  }

  /**
   * One of them.
   *
   * @param version of its program
   */
  public record Guest(Proxy proxy, String version, Caller caller) {
    /** Whether it has proved who it is; else it may be anybody. */
    public boolean isProven() {
      return caller instanceof Caller.Proven;
    }
  }

  /**
   * Whoever enters is to leave.
   *
   * @throws StatusException it may not
   */
  public Guest enter(Caller caller, Node node) throws StatusException {
    Proxy proxy = ProxyReader.read(node, pods);
    Optional<String> refusal = caller.refusal(proxy);
    if (refusal.isPresent()) {
      wrong.accept(refusal.get());
      throw Status.PERMISSION_DENIED.withDescription(refusal.get()).asException();
    }
    if (count >= most) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("this control plane hears " + most + " streams at most")
          .asException();
    }
    if (!shares.enter(caller)) {
      String full = "one identity has " + shares.most(caller);
      wrong.accept(caller.name() + ": " + full);
      throw Status.RESOURCE_EXHAUSTED.withDescription(full).asException();
    }
    count++;
    return new Guest(proxy, version(node), caller);
  }

  private static String version(Node node) {
    String version = node.getUserAgentVersion();
    return version.length() > LONGEST_VERSION || version.chars().anyMatch(Character::isISOControl)
        ? ""
        : version;
  }

  /** It is gone. */
  public void leave(Guest guest) {
    count--;
    shares.leave(guest.caller());
  }
}
