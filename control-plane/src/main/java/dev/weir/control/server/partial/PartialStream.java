package dev.weir.control.server.partial;

import io.grpc.Grpc;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** What has come of one stream's request that is not whole. */
final class PartialStream extends ServerStreamTracer {
  private final PartialRequests all;

  /** Set before anything of a request is read. */
  private volatile @Nullable PartialConnection connection;

  /** Event loop of the connection. */
  private long bytes;

  PartialStream(PartialRequests all) {
    this.all = all;
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> call) {
    connection = all.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  @Override
  public void inboundWireSize(long more) {
    PartialConnection of = connection;
    if (of != null) {
      keeps(more + (long) of.taken() * PartialConnection.OF_A_PART);
    }
  }

  @Override
  public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
    PartialConnection of = connection;
    if (of != null) {
      of.whole();
    }
    keeps(-bytes);
  }

  @Override
  public void streamClosed(Status status) {
    PartialConnection of = connection;
    if (of != null) {
      of.callOver();
    }
    keeps(-bytes);
  }

  private void keeps(long more) {
    PartialConnection of = connection;
    if (of != null && more != 0) {
      bytes += more;
      of.keeps(more);
    }
  }
}
