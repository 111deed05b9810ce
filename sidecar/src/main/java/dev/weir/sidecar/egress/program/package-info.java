/**
 * The program in the outer network: {@code Main}, a Unix socket at which its sockets are had,
 * {@code SocketDoor}, and one at which its name servers are asked, {@code HostNames}. A process of
 * its own; the sidecar loads none of it.
 */
@NullMarked
package dev.weir.sidecar.egress.program;

import org.jspecify.annotations.NullMarked;
