/**
 * Tokens by which a sidecar proves to the control plane who it is, until it has a certificate. A
 * key and a subject come in, a token goes out. Any thread.
 */
@NullMarked
package dev.weir.sidecar.token;

import org.jspecify.annotations.NullMarked;
