package dev.weir.sidecar.config.listener;

/** {@code config.core.v3.TrafficDirection}. */
public enum TrafficDirection {
  UNSPECIFIED,
  INBOUND,
  OUTBOUND
}
