/** TLS of the port that proxies stream from: who may come, and who the control plane says it is. */
@NullMarked
package dev.weir.control.server.tls;

import org.jspecify.annotations.NullMarked;
