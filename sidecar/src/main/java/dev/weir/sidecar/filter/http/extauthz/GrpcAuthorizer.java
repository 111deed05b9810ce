package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.client.UnaryCall;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Service;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.transport.Peer;
import dev.weir.sidecar.transport.TlsSession;
import io.netty.buffer.ByteBuf;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks by {@code envoy.service.auth.v3.Authorization/Check}. */
final class GrpcAuthorizer implements Authorizer {
  private static final String PATH = "/envoy.service.auth.v3.Authorization/Check";
  private static final int DEADLINE_EXCEEDED = 4;

  /** Of an answer. */
  private static final int MOST_BYTES = 1 << 20;

  private final Service.Grpc service;
  private final ExtAuthzConfig.Filter config;
  private final ExtAuthzServices services;
  private final FieldChoice choice;

  GrpcAuthorizer(Service.Grpc service, ExtAuthzConfig.Filter config, ExtAuthzServices services) {
    this.service = service;
    this.config = config;
    this.services = services;
    this.choice = new FieldChoice(config.told().allowed(), config.told());
  }

  @Override
  public Check ask(Subject subject, Consumer<Decision> then) {
    Headers head = Headers.request("POST", service.authority(), PATH);
    for (Field field : service.metadata()) {
      head.add(field.name(), field.value());
    }
    UnaryCall call =
        UnaryCall.start(
            services.clients().apply(subject.stream().loop().index()),
            service.cluster(),
            head,
            services.messages().request(question(subject)),
            service.timeout(),
            MOST_BYTES,
            new UnaryCall.Listener() {
              @Override
              public void onAnswer(byte[] message) {
                then.accept(services.messages().decision(message));
              }

              @Override
              public void onFailed(int status, String message) {
                then.accept(
                    new Decision.Failed(
                        status == DEADLINE_EXCEEDED, "gRPC status " + status + ": " + message));
              }
            });
    return call::cancel;
  }

  private Question question(Subject subject) {
    Headers headers = subject.headers();
    ServerConnection connection = subject.stream().connection();
    StreamInfo info = subject.stream().info();
    TlsSession tls = connection.tls();
    String id = headers.value(HeaderName.X_REQUEST_ID);
    return new Question(
        source(connection, tls),
        new Question.Peer(
            connection.destination().address(),
            tls == null || tls.ownUris().isEmpty() ? "" : tls.ownUris().getFirst(),
            ""),
        id == null ? "" : id,
        info.startMillis,
        headers.method(),
        headers.path(),
        headers.authority(),
        headers.scheme(),
        connection.version(),
        size(subject),
        fields(subject),
        config.told().rawHeaders(),
        body(subject),
        subject.context(),
        metadata(info),
        config.told().serverName() && tls != null ? tls.serverName() : null);
  }

  private Question.Peer source(ServerConnection connection, @Nullable TlsSession tls) {
    Peer peer = tls == null ? null : tls.peer();
    return new Question.Peer(
        connection.remoteAddress(),
        peer == null ? "" : principal(peer),
        peer == null || !config.told().peerCertificate()
            ? ""
            : URLEncoder.encode(peer.pem(), StandardCharsets.US_ASCII).replace("+", "%20"));
  }

  /** A name of type URI, else of type DNS, else the subject. */
  private static String principal(Peer peer) {
    if (!peer.uris().isEmpty()) {
      return peer.uris().getFirst();
    }
    return peer.dnsNames().isEmpty() ? peer.subject() : peer.dnsNames().getFirst();
  }

  private static long size(Subject subject) {
    if (subject.bodyless()) {
      return 0;
    }
    BodyParts body = subject.body();
    return body != null && subject.whole() ? body.size() : subject.headers().contentLength();
  }

  private List<Field> fields(Subject subject) {
    Headers headers = subject.headers();
    List<Field> fields = choice.of(headers);
    pseudo(":method", headers.method(), fields);
    pseudo(":path", headers.path(), fields);
    pseudo(":scheme", headers.scheme(), fields);
    if (headers.hasAuthority()) {
      pseudo(":authority", headers.authority(), fields);
    }
    if (subject.body() != null) {
      fields.removeIf(field -> field.name().equals(Subject.PARTIAL_BODY)); // a client's own
      fields.add(new Field(Subject.PARTIAL_BODY, String.valueOf(!subject.whole())));
    }
    return fields;
  }

  private void pseudo(String name, String value, List<Field> into) {
    if (choice.takes(name)) {
      into.add(new Field(name, value));
    }
  }

  private static Question.@Nullable Body body(Subject subject) {
    BodyParts body = subject.body();
    ExtAuthzConfig.Body settings = subject.settings();
    if (body == null || settings == null) {
      return null;
    }
    byte[] content = new byte[(int) subject.bodyLength()];
    int at = 0;
    for (ByteBuf part : body.slices()) {
      int length = Math.min(part.readableBytes(), content.length - at);
      part.readBytes(content, at, length);
      part.release();
      at += length;
    }
    return new Question.Body(content, settings.bytes());
  }

  private Map<String, Map<String, Object>> metadata(StreamInfo info) {
    if (info.metadata == null || config.metadataNamespaces().isEmpty()) {
      return Map.of();
    }
    Map<String, Map<String, Object>> told = new HashMap<>();
    for (String filter : config.metadataNamespaces()) {
      Map<String, Object> found = info.metadata().of(filter);
      if (!found.isEmpty()) {
        told.put(filter, found);
      }
    }
    return told;
  }
}
