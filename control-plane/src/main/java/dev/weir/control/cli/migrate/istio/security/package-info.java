/**
 * Istio's {@code security.istio.io}: AuthorizationPolicy, PeerAuthentication and
 * RequestAuthentication in, Weir's AuthorizationPolicy and AuthenticationPolicy out. Nobody is let
 * in whom Istio would not let in. Main thread.
 */
@NullMarked
package dev.weir.control.cli.migrate.istio.security;

import org.jspecify.annotations.NullMarked;
