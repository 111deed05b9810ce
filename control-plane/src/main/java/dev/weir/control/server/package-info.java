/**
 * ADS over gRPC, state of the world and incremental. Requests and snapshots come in; responses go
 * out, in the order that keeps traffic whole, at most one of a type on its way, and only to a
 * stream that can take them. gRPC's threads hand everything to the control thread, but for answers
 * that nothing follows from: these they note.
 */
@NullMarked
package dev.weir.control.server;

import org.jspecify.annotations.NullMarked;
