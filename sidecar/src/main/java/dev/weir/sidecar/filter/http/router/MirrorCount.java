package dev.weir.sidecar.filter.http.router;

/** How many copies of requests are under way in one loop; its thread alone. */
final class MirrorCount {
  int underWay;
}
