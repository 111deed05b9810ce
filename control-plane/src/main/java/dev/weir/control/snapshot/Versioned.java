package dev.weir.control.snapshot;

import com.google.protobuf.Any;

/** A resource as it is sent, and the hash of its content. */
public record Versioned(String name, String version, Any resource) {}
