/** Who may do what, as values: {@code config.rbac.v3}. */
@NullMarked
package dev.weir.sidecar.config.rbac;

import org.jspecify.annotations.NullMarked;
