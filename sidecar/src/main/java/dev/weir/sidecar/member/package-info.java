/**
 * What {@code weir run} asks before it starts a member of the mesh: the control plane's services
 * come in, the member's hosts file, bootstrap and redirect rules go out. A short-lived program of
 * its own on the main thread; the serving sidecar loads none of it.
 */
@NullMarked
package dev.weir.sidecar.member;

import org.jspecify.annotations.NullMarked;
