package dev.weir.sidecar.listener;

import java.time.Duration;
import java.util.Optional;

/**
 * Somebody who came to a port without mutual TLS, which that port takes as well.
 *
 * @param port of the app
 * @param address whose; empty: all those for whom the table had no more room
 * @param connections how many there were
 * @param ago how long the last is over
 */
public record PlainCaller(int port, Optional<String> address, long connections, Duration ago) {}
