/**
 * The vocabulary policies are written with: value types that parse what people write, annotations
 * that describe a record's fields, and {@code Shape}, the description made of them once. The
 * reader, the CRD schemas and the reference page all follow the shape. Imports java.* only; values
 * are immutable, any thread.
 */
@NullMarked
package dev.weir.control.model.schema;

import org.jspecify.annotations.NullMarked;
