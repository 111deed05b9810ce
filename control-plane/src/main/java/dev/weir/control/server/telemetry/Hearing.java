package dev.weir.control.server.telemetry;

import dev.weir.control.metrics.TrafficMeters;
import dev.weir.control.server.Guests;
import dev.weir.control.traffic.Speakers;
import dev.weir.control.traffic.TrafficStore;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What all streams have in common.
 *
 * @param interval from one telling to the next
 * @param control the control thread, on which {@code guests} are
 * @param wrong is told who tells what it may not, and what
 * @param failed is told of a mistake of ours; the stream ends
 */
public record Hearing(
    Duration interval,
    TrafficStore store,
    BreakerMarks marks,
    Speakers speakers,
    Guests guests,
    Tellings tellings,
    Executor control,
    TrafficMeters meters,
    Clock clock,
    Consumer<String> wrong,
    Consumer<Throwable> failed) {}
