/**
 * A member of a mesh on this machine, inside its namespaces: {@code weir run} becomes this program.
 * It asks the control plane for the mesh's services, writes the hosts file, the bootstrap and the
 * redirect rules, starts the sidecar, and the app once that is ready, hands on what they say, and
 * ends both. The main thread starts and waits; what happens comes to it by a queue. The serving
 * sidecar loads none of it.
 */
@NullMarked
package dev.weir.sidecar.member;

import org.jspecify.annotations.NullMarked;
