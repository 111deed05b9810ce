/**
 * What a stream has asked for, was sent and is owed of one type of resource, and how the two
 * dialects of xDS, the state of the world and the incremental, say it.
 */
@NullMarked
package dev.weir.control.server.subscription;

import org.jspecify.annotations.NullMarked;
