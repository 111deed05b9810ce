package dev.weir.sidecar.config.listener;

/** The terminal network filter of a filter chain. */
public sealed interface NetworkFilter permits HttpConnectionManager, TcpProxy {
  String statPrefix();
}
