/**
 * The sidecar's own messages. Any thread says them, with a level and a component, and waits for
 * nothing: a bounded queue takes them to one writer, which folds repeats and writes lines, for
 * people or as JSON. What nobody reads in time is dropped, counted, and told when it is read again.
 */
@NullMarked
package dev.weir.sidecar.log;

import org.jspecify.annotations.NullMarked;
