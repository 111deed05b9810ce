/**
 * Ports and addresses as people write them, in options and in annotations of pods: words in, values
 * out. Any thread.
 */
@NullMarked
package dev.weir.cli.network;

import org.jspecify.annotations.NullMarked;
