package dev.weir.sidecar.transport;

import io.netty.channel.Channel;

/** Makes no connection, and says why. */
record RefusingSocket(String reason) implements TransportSocket {
  @Override
  public boolean plain() {
    return false;
  }

  @Override
  public void attach(Channel channel, Attachment attachment, Outcome outcome) {
    channel.close();
    outcome.failed(false, "TLS_error: " + reason);
  }
}
