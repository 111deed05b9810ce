package dev.weir.sidecar.identity;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.protos.istio.v1.auth.IstioCertificateRequest;
import dev.weir.protos.istio.v1.auth.IstioCertificateResponse;
import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.GrpcStream;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.xds.ControlThread;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Istio's signing API, over a cluster of the sidecar's. */
public final class CaClient implements Signer {
  private static final String PATH = "/istio.v1.auth.IstioCertificateService/CreateCertificate";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final AsyncClient client;
  private final ControlThread control;
  private final WorkloadIdentity identity;

  public CaClient(AsyncClient client, ControlThread control, WorkloadIdentity identity) {
    this.client = client;
    this.control = control;
    this.identity = identity;
  }

  @Override
  public void sign(Request request, Consumer<Answer> then) {
    Call call = new Call(then);
    GrpcStream stream =
        GrpcStream.open(
            client,
            identity.caCluster(),
            identity.authority(),
            PATH,
            request
                .token()
                .<Map<String, String>>map(token -> Map.of("authorization", "Bearer " + token))
                .orElse(Map.of()),
            call);
    call.timeout =
        control.schedule(
            TIMEOUT, () -> stream.cancel("no answer within " + TIMEOUT.toSeconds() + " s"));
    stream.request(1);
    stream.send(
        IstioCertificateRequest.newBuilder()
            .setCsr(request.csr())
            .setValidityDuration(request.lifetime().toSeconds())
            .build()
            .toByteArray());
    stream.endRequest();
  }

  /** One call: its answer is taken when it has ended well. */
  private final class Call implements GrpcStream.Listener {
    private final Consumer<Answer> then;
    private Future<?> timeout = java.util.concurrent.CompletableFuture.completedFuture(null);
    private byte[] answer = {};

    Call(Consumer<Answer> then) {
      this.then = then;
    }

    @Override
    public void onMessage(byte[] message) {
      answer = message;
    }

    @Override
    public void onClosed(int status, String message) {
      byte[] last = answer;
      control.execute(() -> {
        timeout.cancel(false);
        then.accept(status == 0 ? signed(last) : failed(status, message));
      });
    }

    private static Answer signed(byte[] message) {
      try {
        return new Answer.Signed(IstioCertificateResponse.parseFrom(message).getCertChainList());
      } catch (InvalidProtocolBufferException e) {
        return new Answer.Failed("the CA's answer is no response of its API");
      }
    }

    private Answer failed(int status, String message) {
      return new Answer.Failed(
          "the CA at cluster "
              + identity.caCluster()
              + ": "
              + (message.isEmpty() ? "gRPC status " + status : message));
    }
  }
}
