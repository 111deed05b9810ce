/**
 * Envoy's command operators ({@code %REQ(:path)%}), compiled once and written as bytes: access logs
 * and header values. Any thread for compiling; the stream's event loop for writing.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/observability/access_log/usage
 */
@NullMarked
package dev.weir.sidecar.format;

import org.jspecify.annotations.NullMarked;
