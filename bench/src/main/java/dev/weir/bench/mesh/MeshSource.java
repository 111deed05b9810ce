package dev.weir.bench.mesh;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.List;

/** Where a control plane reads a mesh, what happens there, and how its clients come. Any thread. */
interface MeshSource extends AutoCloseable {
  /** What the control plane is told of it. */
  List<String> words();

  /** The instance that a client stands beside takes calls from now on, or none. */
  void ready(Client client, boolean ready) throws IOException;

  /** Edits the policy of a service. */
  void timeout(int service, int millis) throws IOException;

  /** By which a client, of its number, reaches a control plane of this machine. */
  ManagedChannel channel(int client, int port) throws IOException;

  /** Who a client says it is. */
  Node.Builder node(int client);

  /** Whether clients say themselves when their apps take calls. */
  boolean clientsSayWhenTheyAreReady();

  @Override
  void close() throws IOException;
}
