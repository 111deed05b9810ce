package dev.weir.sidecar.filter.http.buffer;

import dev.weir.sidecar.config.FilterConfig;

/**
 * {@code extensions.filters.http.buffer.v3.Buffer}, or a route's {@code BufferPerRoute}.
 *
 * @param maxRequestBytes of a body, above 0; 0 on a route: its bodies are not held back
 */
public record BufferConfig(long maxRequestBytes) implements FilterConfig {}
