/**
 * Hears what proxies tell of their traffic: Weir's sidecars by summaries, each interval what they
 * have counted since; real Envoy by its load reports. Who speaks has proved who it is as on the
 * streams of configuration, and tells of its own calls alone. What is told is checked and counted
 * into {@link dev.weir.control.traffic.TrafficStore} on gRPC's threads, one message of a stream at
 * a time; the control thread only says who may.
 */
@NullMarked
package dev.weir.control.server.telemetry;

import org.jspecify.annotations.NullMarked;
