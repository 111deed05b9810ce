/**
 * Envoy's wire language as Weir speaks it: the type registry, YAML and JSON to proto and back,
 * TypedStruct, and the list of honoured fields with its validator. Any thread.
 */
@NullMarked
package dev.weir.protos;

import org.jspecify.annotations.NullMarked;
