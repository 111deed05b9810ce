/**
 * {@code weir migrate}: resources of Istio and Linkerd in, Gateway API's and Weir's out. What is
 * read of a resource is marked; what nobody has read at the end has no counterpart, and is named.
 * Main thread.
 */
@NullMarked
package dev.weir.control.cli.migrate;

import org.jspecify.annotations.NullMarked;
