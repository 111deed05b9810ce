/**
 * YAML and JSON text as a tree that remembers where each part stood in its file. Text comes in;
 * documents and problems with file and line go out. Nothing is resolved beyond YAML 1.2's core
 * schema, and size, depth and aliases are bounded. Any thread.
 */
@NullMarked
package dev.weir.protos.yaml;

import org.jspecify.annotations.NullMarked;
