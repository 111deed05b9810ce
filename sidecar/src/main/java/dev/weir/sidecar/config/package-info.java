/**
 * What a sidecar is told to do, as values: records and sealed types made by the parsers of {@code
 * bootstrap} and {@code resource}, read by {@code snapshot} and everything right of it. A package a
 * kind of resource; here are the words that they share. Knows no protobuf and no Netty. Immutable,
 * any thread.
 */
@NullMarked
package dev.weir.sidecar.config;

import org.jspecify.annotations.NullMarked;
