/** The command line: flags in, exit status and plain lines out. Main thread. */
@NullMarked
package dev.weir.control.cli;

import org.jspecify.annotations.NullMarked;
