/** Istio's resources in, Gateway API's and Weir's out, a class a kind or a part of one. Main thread. */
@NullMarked
package dev.weir.control.cli.migrate.istio;

import org.jspecify.annotations.NullMarked;
