/**
 * The story that {@code weir demo} tells. It runs as a member of the mesh itself, as the service
 * shopper: it calls the shop, breaks it, edits its policies, and looks at what its callers see. Out
 * go lines for people and figures. The main thread plays the scenes, virtual threads are the load.
 */
@NullMarked
package dev.weir.demo;

import org.jspecify.annotations.NullMarked;
