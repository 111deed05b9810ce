/**
 * Resources as they are read, of which each field knows whether anybody has, and as they are
 * written; what is said of them; and the Services among them. Main thread.
 */
@NullMarked
package dev.weir.control.cli.migrate.resource;

import org.jspecify.annotations.NullMarked;
