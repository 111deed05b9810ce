/**
 * What the command lines of all programs have in common: words in, typed values, help, or one line
 * that says what is wrong. The main thread.
 */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
