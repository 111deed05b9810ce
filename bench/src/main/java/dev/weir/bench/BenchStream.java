package dev.weir.bench;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.FilterState;
import dev.weir.sidecar.filter.StreamTimer;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.runtime.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A stream of a connection that leads nowhere: what a filter asks of it is answered. */
final class BenchStream implements FilterContext, ServerConnection {
  private static final SocketAddress CLIENT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

  private final Loop loop;
  private final StreamInfo info;

  BenchStream(Loop loop) {
    this.loop = loop;
    this.info = new StreamInfo(this); // asks for the loop
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public ServerConnection connection() {
    return this;
  }

  @Override
  public StreamInfo info() {
    return info;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP1;
  }

  @Override
  public TrafficDirection direction() {
    return TrafficDirection.INBOUND;
  }

  @Override
  public SocketAddress remoteAddress() {
    return CLIENT;
  }

  @Override
  public Destination destination() {
    return new Destination(CLIENT, false);
  }

  @Override
  public @Nullable RouteEntry route() {
    return null;
  }

  @Override
  public RouteEntry.@Nullable Choice choice() {
    return null;
  }

  @Override
  public FilterState filterState() {
    return new FilterState();
  }

  @Override
  public int bufferLimit() {
    return 1 << 20;
  }

  @Override
  public StreamTimer newTimer(Runnable expired) {
    throw nothingHere();
  }

  @Override
  public void localReply(Verdict.LocalReply reply) {
    throw nothingHere();
  }

  @Override
  public void resumeRequest() {
    throw nothingHere();
  }

  @Override
  public void resumeResponse() {
    throw nothingHere();
  }

  @Override
  public void wakeAt(long nanos) {
    throw nothingHere();
  }

  @Override
  public void drain() {
    throw nothingHere();
  }

  @Override
  public void close() {
    throw nothingHere();
  }

  private static UnsupportedOperationException nothingHere() {
    return new UnsupportedOperationException("a filter that is measured does not ask for this");
  }
}
