/**
 * One parser for each HTTP filter: the content of its typed_config to the filter's Config record,
 * and the explicit list of them. Control thread.
 */
@NullMarked
package dev.weir.sidecar.resource.filter;

import org.jspecify.annotations.NullMarked;
