/**
 * The constraints that the protos themselves declare (protoc-gen-validate's {@code
 * validate.rules}), checked by descriptor, so that what Envoy refuses is refused here with no rule
 * written twice. A message comes in, the first violation goes out. Any thread.
 */
@NullMarked
package dev.weir.protos.rules;

import org.jspecify.annotations.NullMarked;
