/**
 * The services that a member can name: read from the control plane, answered by its name server,
 * kept for who joins while that is away, and guarded where no instance listens.
 */
@NullMarked
package dev.weir.sidecar.member.names;

import org.jspecify.annotations.NullMarked;
