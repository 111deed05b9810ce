/**
 * The one list of the fields that the sidecar honours, the validator that reports every other field
 * that is set, and the page that shows the list. A message comes in, paths go out. Any thread.
 */
@NullMarked
package dev.weir.protos.honoured;

import org.jspecify.annotations.NullMarked;
