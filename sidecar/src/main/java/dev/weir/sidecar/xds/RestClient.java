package dev.weir.sidecar.xds;

import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the resources of one type again and again, by POST of a DiscoveryRequest in JSON. The
 * pause after an answer is {@code refresh_delay} and up to as much again, as in Envoy; names that
 * were not asked for before are asked for at once. Control thread; answers are read beside it.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/overview/xds_api#rest-endpoints
 */
public final class RestClient implements ResourceSource {
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;

  private final RestTransport transport;
  private final ResourceType type;
  private final ConfigSource.Rest source;
  private final Node node;
  private final ControlThread control;
  private final Executor readers;
  private final RandomGenerator random;
  private final ResourceHandler handler;
  private final ToldRefusals told;

  private boolean wildcard;
  private SortedSet<String> names = Collections.emptySortedSet();

  /** Of the last answer that was taken whole; of other names there is none. */
  private String version = "";

  private Future<?> next = CompletableFuture.completedFuture(null);
  private @Nullable Question question;
  private boolean closed;

  public RestClient(
      RestTransport transport,
      ResourceType type,
      ConfigSource.Rest source,
      Node node,
      ControlThread control,
      Executor readers,
      RandomGenerator random,
      ResourceHandler handler,
      Log log) {
    this.transport = transport;
    this.type = type;
    this.source = source;
    this.node = node;
    this.control = control;
    this.readers = readers;
    this.random = random;
    this.handler = handler;
    this.told = new ToldRefusals(log);
  }

  @Override
  public void subscribeToAll(ResourceType wanted) {
    wildcard = true;
  }

  @Override
  public void start() {
    names = handler.wanted(type);
    ask();
  }

  /** A version is one of certain names: with others, a server has no answer of that version. */
  @Override
  public void wantedChanged() {
    SortedSet<String> wanted = handler.wanted(type);
    if (wanted.equals(names)) {
      return;
    }
    boolean more = !names.containsAll(wanted);
    names = wanted;
    if (more) {
      version = "";
      Question asked = question;
      if (asked != null) {
        question = null;
        asked.call.cancel();
      }
      next.cancel(false);
      ask();
    }
  }

  /** The server is not told: it would leave out what it has in the same version. */
  @Override
  public void inForce(Collection<Resource> resources) {}

  @Override
  public void close() {
    closed = true;
    next.cancel(false);
    Question asked = question;
    if (asked != null) {
      question = null;
      asked.call.cancel();
    }
  }

  private void ask() {
    if (closed || !(wildcard || !names.isEmpty())) {
      return;
    }
    DiscoveryRequest request =
        DiscoveryRequest.newBuilder()
            .setVersionInfo(version)
            .setNode(node)
            .addAllResourceNames(names)
            .setTypeUrl(type.typeUrl())
            .build();
    byte[] body = JsonWriter.write(ProtoWriter.write(request)).getBytes(StandardCharsets.UTF_8);
    handler.onAttempt(type);
    question = new Question(body);
  }

  private void answered(Question from, int status, byte[] body) {
    if (from != question) {
      return;
    }
    switch (status) {
      case OK -> {
        String text = new String(body, StandardCharsets.UTF_8);
        readers.execute(() -> {
          ResponseText.Read read = ResponseText.read(type, "the answer", text);
          control.execute(() -> take(from, read));
        });
      }
      case NOT_MODIFIED -> {
        handler.onUnchanged();
        pause();
      }
      default -> {
        String text = new String(body, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        failed(from, "HTTP status " + status + (text.isEmpty() ? "" : ": " + abbreviated(text)));
      }
    }
  }

  private static String abbreviated(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }

  private void take(Question from, ResponseText.Read read) {
    if (from != question) {
      return;
    }
    switch (read) {
      case ResponseText.Read.Response(String answered, Batch batch) -> {
        List<Refused> refused = new ArrayList<>(batch.refused());
        refused.addAll(
            handler.onResources(
                type, batch.resources(), Set.of(), type.isComplete() && batch.refused().isEmpty()));
        told.tell(type, refused, batch.resources());
        handler.onTaken(type, refused.isEmpty());
        if (refused.isEmpty()) {
          version = answered;
        }
        pause();
      }
      case ResponseText.Read.Unreadable(String problem) -> failed(from, problem);
    }
  }

  private void failed(Question from, String reason) {
    if (from == question) {
      pause();
      handler.onFetchFailed(reason);
    }
  }

  private void pause() {
    question = null;
    if (!closed) {
      long delay = source.refreshDelay().toMillis();
      next = control.schedule(Duration.ofMillis(delay + random.nextLong(delay)), this::ask);
    }
  }

  /** A request that is under way, and what becomes of it. */
  private final class Question implements RestTransport.Listener {
    final RestTransport.Call call;

    Question(byte[] body) {
      call =
          transport.post(
              source.cluster(),
              DiscoveryService.restPath(type),
              body,
              source.requestTimeout(),
              this);
    }

    @Override
    public void onAnswer(int status, byte[] body) {
      control.execute(() -> answered(this, status, body));
    }

    @Override
    public void onFailed(String reason) {
      control.execute(() -> failed(this, reason));
    }
  }
}
