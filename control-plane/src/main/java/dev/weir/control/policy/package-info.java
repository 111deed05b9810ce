/**
 * Which policy holds for what: of those that are attached to a rule, a route, a port, a Service, a
 * Namespace or the mesh, the most specific one. The model comes in, sections of policies go out.
 * Knows nothing of what enforces them. Any thread.
 */
@NullMarked
package dev.weir.control.policy;

import org.jspecify.annotations.NullMarked;
