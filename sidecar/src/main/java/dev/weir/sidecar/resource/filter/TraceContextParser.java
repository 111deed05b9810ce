package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.trace_context.v1alpha1.TraceContext;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.TraceFormat;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextConfig;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.EnumSet;
import java.util.Set;

final class TraceContextParser implements FilterParser {
  @Override
  public String type() {
    return "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM, Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    TraceContext proto = (TraceContext) content;
    Set<TraceFormat> propagate = EnumSet.noneOf(TraceFormat.class);
    for (int i = 0; i < proto.getPropagateCount(); i++) {
      propagate.add(
          switch (proto.getPropagate(i)) {
            case W3C -> TraceFormat.W3C;
            case B3 -> TraceFormat.B3;
            case X_TRACE_ID -> TraceFormat.X_TRACE_ID;
            case FORMAT_UNSPECIFIED, UNRECOGNIZED ->
                throw new Invalid(
                    path.field("propagate").index(i), "has no value " + proto.getPropagateValue(i));
          });
    }
    return new TraceContextConfig(
        propagate.isEmpty() ? Set.of(TraceFormat.W3C) : propagate,
        proto.hasSample()
            ? Scalars.perMillion(proto.getSample(), path.field("sample"))
            : 1_000_000);
  }
}
