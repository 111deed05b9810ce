package dev.weir.sidecar.xds;

import com.google.protobuf.Any;

/** One resource as it came. {@code version} is the response's in SotW, its own in Delta. */
public record Resource(ResourceType type, String name, String version, Any body) {}
