package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Percentage;
import java.time.Duration;

/** Leaves out single instances that fail, by Envoy's outlier detection. */
public record OutlierDetection(
    @Field(
            value = "So many 5xx answers or failed connections in a row.",
            defaultsTo = "5",
            min = "1",
            max = "10000")
        int consecutiveErrors,
    @Field(
            value = "How long it is left out, times the number of times it was.",
            defaultsTo = "30s",
            min = "1s",
            max = "1h")
        Duration ejectFor,
    @Field(value = "The most instances left out at once.", defaultsTo = "50%")
        Percentage maxEjected) {}
