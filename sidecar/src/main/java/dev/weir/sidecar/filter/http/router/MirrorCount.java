package dev.weir.sidecar.filter.http.router;

/** Copies of requests that are under way in one loop; its thread alone. */
final class MirrorCount {
  int underWay;

  /** Of their bodies, what waits to be sent. */
  long waitingBytes;
}
