/** What a connection speaks, told by its first bytes. Looks only, takes nothing. */
@NullMarked
package dev.weir.sidecar.detect;

import org.jspecify.annotations.NullMarked;
