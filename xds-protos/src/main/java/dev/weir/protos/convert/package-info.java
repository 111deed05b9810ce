/**
 * YAML and JSON trees to messages and back, by descriptor, and the opening of Any and TypedStruct.
 * What is wrong comes out as problems with file, line and field path, or as a refusal with a path.
 * Any thread.
 */
@NullMarked
package dev.weir.protos.convert;

import org.jspecify.annotations.NullMarked;
