/**
 * What clients have sent of requests that are not whole: counted for each stream, each connection
 * and all of them, and bounded for all of them.
 */
@NullMarked
package dev.weir.control.server.partial;

import org.jspecify.annotations.NullMarked;
