/**
 * What is at destinations that the sidecar was not told of: asked for when an app calls one, and
 * then told like all others.
 */
@NullMarked
package dev.weir.sidecar.demand;

import org.jspecify.annotations.NullMarked;
