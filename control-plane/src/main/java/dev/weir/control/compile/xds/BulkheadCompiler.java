package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.model.Concurrency;
import dev.weir.control.model.Mode;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Bulkhead;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Queue;
import java.util.OptionalInt;

/** What an instance works on at a time as Weir's filter takes it, or the nearest of Envoy's. */
final class BulkheadCompiler {
  private BulkheadCompiler() {}

  static Bulkhead bulkhead(ServicePort port, Held<ResilienceSpec, Concurrency> held) {
    Concurrency concurrency = held.value();
    Bulkhead.Builder bulkhead =
        Bulkhead.newBuilder()
            .setScope(port.toString())
            .setPolicy(held.policy().name().toString())
            .setMaxRequests(concurrency.maxRequests())
            .setShadow(held.policy().spec().mode() == Mode.SHADOW);
    Concurrency.Queue queue = concurrency.queue();
    if (queue != null) {
      bulkhead.setQueue(
          Queue.newBuilder()
              .setLength(queue.length())
              .setWait(Protos.duration(queue.longest()))
              .setOrder(
                  switch (queue.order()) {
                    case FIFO -> Queue.Order.FIFO;
                    case LIFO -> Queue.Order.LIFO;
                  }));
    }
    concurrency.exclude().stream().map(MatchCompiler::requestMatch).forEach(bulkhead::addExclude);
    return bulkhead.build();
  }

  /** {@code max_requests} of the cluster; the rest is reported. Empty: nothing comes near. */
  static OptionalInt nearest(Held<ResilienceSpec, Concurrency> held, Diagnostics diagnostics) {
    String policy = "ResiliencePolicy " + held.policy().name();
    if (held.policy().spec().mode() == Mode.SHADOW) {
      diagnostics.report(
          policy, "concurrency", "left out: this client cannot count without refusing");
      return OptionalInt.empty();
    }
    if (held.value().queue() != null) {
      diagnostics.report(policy, "concurrency.queue", "left out: this client refuses at once");
    }
    if (!held.value().exclude().isEmpty()) {
      diagnostics.report(
          policy, "concurrency.exclude", "left out: this client counts every request");
    }
    return OptionalInt.of(held.value().maxRequests());
  }
}
