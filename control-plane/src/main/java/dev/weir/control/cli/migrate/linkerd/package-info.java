/** Linkerd's resources in, Gateway API's and Weir's out, a class a kind. Main thread. */
@NullMarked
package dev.weir.control.cli.migrate.linkerd;

import org.jspecify.annotations.NullMarked;
