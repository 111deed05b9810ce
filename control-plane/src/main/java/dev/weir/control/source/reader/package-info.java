/**
 * YAML nodes come in, records go out, by the shape of the record; every deviation is a finding with
 * its line and field path, and all of a document are found in one pass. Any thread.
 */
@NullMarked
package dev.weir.control.source.reader;

import org.jspecify.annotations.NullMarked;
