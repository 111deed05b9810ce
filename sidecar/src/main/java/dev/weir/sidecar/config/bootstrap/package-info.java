/**
 * What a bootstrap says beside the resources it holds: who this sidecar is, where configuration
 * streams from, the admin server's address. Immutable, any thread.
 */
@NullMarked
package dev.weir.sidecar.config.bootstrap;

import org.jspecify.annotations.NullMarked;
