/**
 * Resources as they are written, Kubernetes' own and Weir's policies. Documents come in; what each
 * says by itself goes out, in the model's words, with references still to be followed. Any thread.
 */
@NullMarked
package dev.weir.control.source.resource;

import org.jspecify.annotations.NullMarked;
