/**
 * What the live page says of a mesh: who calls whom, what came of it, which policies hold and what
 * they did, from the {@code traffic} that sidecars have told of and from what is in force. Any
 * thread; each page is made when it is asked for.
 */
@NullMarked
package dev.weir.control.ui.mesh;

import org.jspecify.annotations.NullMarked;
