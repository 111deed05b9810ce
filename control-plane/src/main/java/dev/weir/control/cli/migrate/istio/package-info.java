/** Istio's resources in, Gateway API's and Weir's out, a package an API group. Main thread. */
@NullMarked
package dev.weir.control.cli.migrate.istio;

import org.jspecify.annotations.NullMarked;
