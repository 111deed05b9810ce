/**
 * Envoy's wire language as Weir speaks it: the type registry, TypedStruct, and the words for saying
 * where in a file and in a resource something is wrong. Any thread.
 */
@NullMarked
package dev.weir.protos;

import org.jspecify.annotations.NullMarked;
