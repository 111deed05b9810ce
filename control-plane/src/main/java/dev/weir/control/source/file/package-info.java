/**
 * A folder of YAML and JSON, watched. Files come in; a consistent model and the findings go out,
 * and a broken file leaves in force what was in force from it. One thread of the folder's own.
 */
@NullMarked
package dev.weir.control.source.file;

import org.jspecify.annotations.NullMarked;
