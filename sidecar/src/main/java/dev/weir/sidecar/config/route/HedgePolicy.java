package dev.weir.sidecar.config.route;

/**
 * {@code config.route.v3.HedgePolicy}.
 *
 * @param onPerTryTimeout an attempt that has had its time goes on, and a retry is made beside it
 */
public record HedgePolicy(boolean onPerTryTimeout) {}
