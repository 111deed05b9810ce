/**
 * A Kubernetes cluster as a source: its Services, routes and policies by informers, and beside them
 * its pods and EndpointSlices. Events come on the client's threads; what they come to goes to the
 * control thread.
 */
@NullMarked
package dev.weir.control.source.kubernetes;

import org.jspecify.annotations.NullMarked;
