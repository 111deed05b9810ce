/**
 * The messages of {@code envoy.service.auth.v3}, for the filter that asks authorization servers:
 * values in, values out, so that the request side does without protobuf. Any thread; a check's
 * loop. https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/service/auth/v3/external_auth.proto
 */
@NullMarked
package dev.weir.sidecar.authz;

import org.jspecify.annotations.NullMarked;
