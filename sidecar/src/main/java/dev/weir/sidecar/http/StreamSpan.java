package dev.weir.sidecar.http;

import org.jspecify.annotations.Nullable;

/**
 * The span of a stream that is sampled, where spans are told of. Its id is chosen when the request
 * comes, so that what goes on can name it.
 *
 * @param traceId 32 hex digits
 * @param spanId 16 hex digits
 * @param parentId the caller's span; null: the trace begins here
 * @param random the trace id was drawn at random, as W3C's flag says it
 * @param state the {@code tracestate} that came; empty for none
 * @param ofAttempts each attempt has a span of its own, whose parent this is
 */
public record StreamSpan(
    String traceId,
    String spanId,
    @Nullable String parentId,
    boolean random,
    String state,
    boolean ofAttempts) {}
