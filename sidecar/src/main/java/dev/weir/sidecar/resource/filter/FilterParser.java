package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.resource.value.Invalid;
import java.util.Set;

/** Reads the configuration of one HTTP filter. Its proto is known by name, so as to load late. */
interface FilterParser {
  /** The full name of the filter's message. */
  String type();

  Set<Place> places();

  /** {@code content} is a message of {@link #type} that keeps the rules of its proto. */
  FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid;

  /** Where a filter's configuration may stand. */
  enum Place {
    /** {@code http_filters} of a connection manager. */
    DOWNSTREAM,
    /** {@code http_filters} of a cluster's HttpProtocolOptions. */
    UPSTREAM,
    /** {@code typed_per_filter_config}. */
    ROUTE
  }
}
