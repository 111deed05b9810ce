/**
 * Envoy's stateful sessions: whoever comes with the address of a host, in a cookie or a header that
 * a response gave it, comes to that host as long as it can be called. The address is looked for
 * among the hosts of the cluster that the route leads to, and nowhere else. Event loop of the
 * stream.
 */
@NullMarked
package dev.weir.sidecar.filter.http.statefulsession;

import org.jspecify.annotations.NullMarked;
