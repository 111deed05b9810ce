/**
 * Says on the resources of a cluster what became of them: whether they hold, and how many proxies
 * have them in force. What is to be said is computed from the mesh as it is; the writer patches
 * what differs. Its own thread.
 */
@NullMarked
package dev.weir.control.status;

import org.jspecify.annotations.NullMarked;
