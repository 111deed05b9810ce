/**
 * A mesh of sidecars that are not there: many clients in one process that subscribe, acknowledge,
 * report health and come back as Weir's sidecar does, against the real control plane on a generated
 * folder. Figures come out.
 */
@NullMarked
package dev.weir.bench.mesh;

import org.jspecify.annotations.NullMarked;
