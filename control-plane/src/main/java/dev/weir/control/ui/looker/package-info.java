/**
 * The live page as {@code weir ui} serves it: what a control plane says of its mesh, asked for with
 * the rights of who looks, and beside it single requests, which sidecars tell with those rights
 * alone. Virtual threads of its HTTP server.
 */
@NullMarked
package dev.weir.control.ui.looker;

import org.jspecify.annotations.NullMarked;
