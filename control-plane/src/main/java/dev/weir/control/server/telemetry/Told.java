package dev.weir.control.server.telemetry;

import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import org.jspecify.annotations.Nullable;

/**
 * What a number stands for.
 *
 * @param edge null: it is not the teller's to tell of
 */
record Told(@Nullable Edge edge, Reporter reporter, Outcome outcome) {}
