/**
 * Clusters of type STRICT_DNS and LOGICAL_DNS: names in, endpoints out, as often as they are to be
 * looked up. What is watched, and when, is decided on the control thread; questions and answers
 * travel on one event loop, where a {@link dev.weir.sidecar.dns.NameLookup} lives.
 */
@NullMarked
package dev.weir.sidecar.dns;

import org.jspecify.annotations.NullMarked;
