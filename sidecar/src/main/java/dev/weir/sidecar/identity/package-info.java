/**
 * Who this workload is: a key is made here, a CA certifies it, both are secrets that handshakes are
 * made with. What is asked and answered is on the control thread; the requests run on the client's
 * loop. The key is an object and never a text.
 */
@NullMarked
package dev.weir.sidecar.identity;

import org.jspecify.annotations.NullMarked;
