/**
 * Whether a request may go on, asked of a server. {@code ExtAuthzFilter} holds a request, with its
 * body where that is to be seen, and asks an {@code Authorizer}, by gRPC ({@code GrpcAuthorizer})
 * or by a request of HTTP ({@code HttpAuthorizer}), over the clients of its own loop: a check never
 * leaves that. What comes back is a {@code Decision}, whose changes {@code RequestChanges} makes.
 * No decision is kept. Event loop of the stream.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/ext_authz_filter
 */
@NullMarked
package dev.weir.sidecar.filter.http.extauthz;

import org.jspecify.annotations.NullMarked;
