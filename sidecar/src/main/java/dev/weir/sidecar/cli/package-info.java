/**
 * What the programs' command lines have in common: picocli's exceptions in, a line for a person
 * out. The main thread.
 */
@NullMarked
package dev.weir.sidecar.cli;

import org.jspecify.annotations.NullMarked;
