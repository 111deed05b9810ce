/** The control plane's entry point and its one assembly file. */
@NullMarked
package dev.weir.control;

import org.jspecify.annotations.NullMarked;
