/**
 * What a mesh does with calls to one service: from the linked model, so that a folder and a cluster
 * are told alike. The caller's thread.
 */
@NullMarked
package dev.weir.control.describe;

import org.jspecify.annotations.NullMarked;
