package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.model.AddressRange;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.SpiffeId;
import io.grpc.Context;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who is at the other end of a connection. Immutable. */
public sealed interface Caller {
  /** Of the call that is being handled. */
  Context.Key<Caller> OF = Context.keyWithDefault("weir-caller", new Anyone());

  /** Why {@code proxy} is not what this caller may be; empty if it may. */
  Optional<String> refusal(Proxy proxy);

  /** Who it is, for people. */
  String name();

  /** When what it proved itself by does; empty: it proved nothing, or that has no end. */
  Optional<Instant> ends();

  /** In plain text: whoever it says. */
  record Anyone() implements Caller {
    @Override
    public Optional<String> refusal(Proxy proxy) {
      return Optional.empty();
    }

    @Override
    public String name() {
      return "somebody in plain text";
    }

    @Override
    public Optional<Instant> ends() {
      return Optional.empty();
    }
  }

  /**
   * It has proved who it is.
   *
   * @param address where its instance is reached, if a token said so
   * @param peer where its connection comes from
   * @param instances what else it may register, if no token said so
   * @param ends when its token does, or else its certificate
   */
  record Proven(
      SpiffeId identity,
      Optional<String> address,
      String peer,
      List<AddressRange> instances,
      Optional<Instant> ends)
      implements Caller {
    public Proven {
      instances = List.copyOf(instances);
    }

    @Override
    public Optional<String> refusal(Proxy proxy) {
      ObjectName own = new ObjectName(identity.namespace(), identity.account());
      if (!own.equals(proxy.account()) && proxy.pod().isPresent()) {
        return Optional.of(
            "%s may not stand in pod %s, which runs as service account %s"
                .formatted(identity, proxy.pod().get(), proxy.account()));
      }
      if (!own.equals(proxy.account())) {
        return Optional.of(
            "%s may not stand beside service %s; node.metadata.%s and %s must be %s and %s"
                .formatted(
                    identity,
                    proxy.service(),
                    ProxyReader.NAMESPACE,
                    ProxyReader.SERVICE,
                    own.namespace(),
                    own.name()));
      }
      String allowed = address.orElse(peer);
      return proxy
          .address()
          .filter(claimed -> !claimed.equals(allowed) && !isInstance(claimed))
          .map(claimed ->
              "%s may not register address %s: %s %s"
                  .formatted(
                      identity,
                      claimed,
                      address.isPresent() ? "its token is for" : "its connection comes from",
                      allowed));
    }

    @Override
    public String name() {
      return identity + " at " + address.orElse(peer);
    }

    private boolean isInstance(String claimed) {
      return address.isEmpty() && instances.stream().anyMatch(range -> range.contains(claimed));
    }
  }
}
