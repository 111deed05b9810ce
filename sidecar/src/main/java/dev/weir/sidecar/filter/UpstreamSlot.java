package dev.weir.sidecar.filter;

import dev.weir.sidecar.config.HttpFilter;

/** One entry of a cluster's {@code http_filters}, made. */
public record UpstreamSlot(HttpFilter config, UpstreamFilterFactory factory) {}
