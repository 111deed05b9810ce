package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import java.time.Duration;

/**
 * When a request that is slow to be answered is sent to another instance as well. The first answer
 * that is not worth a retry wins; the service's retry budget pays.
 */
public record Hedging(
    @Field(
            value =
                "How long an answer is waited for before each copy, from the end of the request.",
            min = "1ms",
            max = "1m")
        Duration delay,
    @Field(
            value = "Copies at most, beside the first try; each to an instance that has none yet.",
            defaultsTo = "1",
            min = "1",
            max = "5")
        int attempts,
    @Field(
            value = "Which requests may be copied, as in retry: an instance works on each copy.",
            defaultsTo = "Idempotent")
        Retry.Methods methods) {}
