package dev.weir.sidecar.testkit;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Downstream;
import dev.weir.sidecar.runtime.Loop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The app's connection of HTTP/1.1, for streams that a test makes by itself. */
public record OutboundClient(Loop loop) implements Downstream {
  @Override
  public TrafficDirection direction() {
    return TrafficDirection.OUTBOUND;
  }

  @Override
  public SocketAddress remoteAddress() {
    return new InetSocketAddress(1);
  }

  @Override
  public Destination destination() {
    return new Destination(new InetSocketAddress(2), false);
  }

  @Override
  public String version() {
    return "HTTP/1.1";
  }
}
