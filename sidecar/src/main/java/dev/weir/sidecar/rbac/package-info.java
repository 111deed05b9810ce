/**
 * Who may do what, compiled: an engine that filters of requests and of connections ask.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/config/rbac/v3/rbac.proto
 */
@NullMarked
package dev.weir.sidecar.rbac;

import org.jspecify.annotations.NullMarked;
