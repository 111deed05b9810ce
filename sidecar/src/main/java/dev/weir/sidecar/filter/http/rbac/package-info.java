/**
 * Who may call, decided for each request.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/rbac_filter
 */
@NullMarked
package dev.weir.sidecar.filter.http.rbac;

import org.jspecify.annotations.NullMarked;
