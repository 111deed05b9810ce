package dev.weir.sidecar.config.listener;

import java.util.List;

/** The terminal network filter of a filter chain. */
public sealed interface NetworkFilter permits HttpConnectionManager, TcpProxy {
  String statPrefix();

  List<AccessLog> accessLogs();
}
