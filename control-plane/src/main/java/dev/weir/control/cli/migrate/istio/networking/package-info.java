/**
 * Istio's {@code networking.istio.io}: VirtualService, DestinationRule and ServiceEntry in; routes,
 * Services and the policies of callers out. Main thread.
 */
@NullMarked
package dev.weir.control.cli.migrate.istio.networking;

import org.jspecify.annotations.NullMarked;
