package dev.weir.control.traffic;

/**
 * What a sidecar has counted of an edge and an outcome since it spoke last.
 *
 * @param count how many streams
 * @param received bytes from who calls
 * @param sent bytes to who calls
 * @param durations how long they took; of scale {@link Durations#SCALE_SENT} or less
 */
public record Sample(
    Edge edge,
    Reporter reporter,
    Outcome outcome,
    long count,
    long received,
    long sent,
    Durations durations) {}
