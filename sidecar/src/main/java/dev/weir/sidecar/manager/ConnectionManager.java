package dev.weir.sidecar.manager;

import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.Peer;
import dev.weir.sidecar.transport.TlsSession;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the streams of one downstream connection, each with the chain in force at its start. */
public final class ConnectionManager implements ServerConnection.Owner {
  /** Who has shown no certificate is counted with all. */
  static final int[] NO_PEER = new int[5];

  private final Supplier<HttpChain> chain;
  private final ManagerStats stats;
  private final StatSlab slab;
  private final Runnable closed;
  private int @Nullable [] rqOfPeer;

  /**
   * @param chain the chain in force; asked once a stream
   * @param closed told when the connection is gone
   */
  public ConnectionManager(
      Supplier<HttpChain> chain, ManagerStats stats, StatSlab slab, Runnable closed) {
    this.chain = chain;
    this.stats = stats;
    this.slab = slab;
    this.closed = closed;
    slab.inc(stats.cxTotal);
    slab.inc(stats.cxActive);
  }

  @Override
  public ServerStream newStream(ServerConnection connection, StreamEncoder encoder) {
    return new ActiveStream(chain.get(), connection, encoder, stats, rqOfPeer(connection), slab);
  }

  private int[] rqOfPeer(ServerConnection connection) {
    int[] known = rqOfPeer;
    if (known == null) {
      TlsSession session = connection.tls();
      Peer peer = session == null ? null : session.peer();
      known = peer == null ? NO_PEER : stats.rqByPeer.of(peer.toString());
      rqOfPeer = known;
    }
    return known;
  }

  @Override
  public void malformed(ServerConnection connection, int status, String details) {
    slab.inc(stats.cxProtocolError);
    slab.inc(stats.rqTotal);
    slab.inc(stats.rqByClass[status / 100]);
    ActiveStream.logMalformed(chain.get(), connection, status, details);
  }

  @Override
  public void closed(ServerConnection connection) {
    slab.dec(stats.cxActive);
    closed.run();
  }
}
