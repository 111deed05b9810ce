/**
 * Tokens of end users, verified before an app sees a byte. A request that a rule matches is held to
 * its requirement ({@code Requirement}): each provider looks for tokens in its places ({@code
 * TokenPlaces}), and one that its issuer has signed ({@code TokenVerifier}, with the keys of {@code
 * KeySource}) is good. What takes long, a signature or the keys' coming, is waited for with the
 * request paused, and the requirement is looked at again ({@code Evaluation}).
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/jwt_authn_filter
 */
@NullMarked
package dev.weir.sidecar.filter.http.jwtauthn;

import org.jspecify.annotations.NullMarked;
