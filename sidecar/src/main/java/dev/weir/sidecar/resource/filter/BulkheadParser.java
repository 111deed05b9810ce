package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Bulkhead;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Queue;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.bulkhead.BulkheadConfig;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class BulkheadParser implements FilterParser {
  @Override
  public String type() {
    return "weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM, Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    Bulkhead proto = (Bulkhead) content;
    if (proto.getMaxRequests() != 0 && proto.getScope().isEmpty()) {
      throw new Invalid(path.field("scope"), "must name what shares the slots");
    }
    List<BulkheadConfig.Match> exclude =
        RateLimitParser.matches(proto.getExcludeList(), path.field("exclude")).stream()
            .map(match -> new BulkheadConfig.Match(match.match(), match.method()))
            .toList();
    return new BulkheadConfig(
        proto.getScope(),
        proto.getPolicy(),
        Scalars.clamp(proto.getMaxRequests()),
        proto.hasQueue()
            ? Optional.of(queue(proto.getQueue(), path.field("queue")))
            : Optional.empty(),
        exclude,
        proto.getShadow());
  }

  private static BulkheadConfig.Queue queue(Queue proto, FieldPath path) throws Invalid {
    return new BulkheadConfig.Queue(
        Scalars.clamp(proto.getLength()),
        Scalars.duration(proto.getWait(), path.field("wait")),
        proto.getOrder() == Queue.Order.LIFO);
  }
}
