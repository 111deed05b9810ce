package dev.weir.sidecar.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.UnaryCall;
import dev.weir.sidecar.http.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The services of the mesh, asked of the control plane that configuration streams from: a control
 * plane of Weir's has them. Any thread that may wait.
 */
public final class ServiceDirectory {
  private static final String PATH = "/weir.mesh.v1.ServiceDirectory/List";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 64 << 20;

  private final AsyncClient client;
  private final String cluster;
  private final String authority;

  /**
   * @param authority what the control plane is called by
   */
  public ServiceDirectory(AsyncClient client, String cluster, String authority) {
    this.client = client;
    this.cluster = cluster;
    this.authority = authority;
  }

  /**
   * A list in JSON, as the control plane's own page has it.
   *
   * @throws IOException with the reason, if there is no answer
   */
  String ask() throws IOException {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    client.loop().eventLoop().execute(() -> call(answer));
    try {
      return StringValue.parseFrom(answer.get()).getValue();
    } catch (ExecutionException e) {
      throw new IOException(answer.exceptionNow().getMessage(), e);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("the control plane's answer is no list of services", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** It ends within its time, well or not. */
  private void call(CompletableFuture<byte[]> answer) {
    UnaryCall _ =
        UnaryCall.start(
            client,
            cluster,
            Headers.request("POST", authority, PATH),
            new byte[0],
            TIMEOUT,
            MOST_BYTES,
            new UnaryCall.Listener() {
              @Override
              public void onAnswer(byte[] message) {
                answer.complete(message);
              }

              @Override
              public void onFailed(int status, String message) {
                answer.completeExceptionally(
                    new IOException(
                        "the control plane does not tell the services (gRPC status %d: %s)"
                            .formatted(status, message)));
              }
            });
  }
}
