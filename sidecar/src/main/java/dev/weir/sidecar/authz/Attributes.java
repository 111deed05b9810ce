package dev.weir.sidecar.authz;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.Question;
import dev.weir.sidecar.http.FieldText;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext.HttpRequest;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/** A {@link Question} as an {@code AttributeContext}. */
final class Attributes {
  private static final int MILLIS = 1000;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private Attributes() {}

  static AttributeContext of(Question question) {
    AttributeContext.Builder context =
        AttributeContext.newBuilder()
            .setSource(peer(question.source()))
            .setDestination(peer(question.destination()))
            .setRequest(
                AttributeContext.Request.newBuilder()
                    .setTime(
                        Timestamp.newBuilder()
                            .setSeconds(question.startMillis() / MILLIS)
                            .setNanos((int) (question.startMillis() % MILLIS) * NANOS_PER_MILLI))
                    .setHttp(http(question)))
            .putAllContextExtensions(question.context());
    if (!question.metadata().isEmpty()) {
      Metadata.Builder metadata = Metadata.newBuilder();
      question
          .metadata()
          .forEach((filter, found) -> metadata.putFilterMetadata(filter, Structs.ofMap(found)));
      context.setMetadataContext(metadata);
    }
    if (question.serverName() != null) {
      context.setTlsSession(AttributeContext.TLSSession.newBuilder().setSni(question.serverName()));
    }
    return context.build();
  }

  private static AttributeContext.Peer peer(Question.Peer peer) {
    return AttributeContext.Peer.newBuilder()
        .setAddress(address(peer.address()))
        .setPrincipal(peer.principal())
        .setCertificate(peer.certificate())
        .build();
  }

  private static Address address(SocketAddress address) {
    Address.Builder made = Address.newBuilder();
    if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
      made.getSocketAddressBuilder()
          .setAddress(inet.getAddress().getHostAddress())
          .setPortValue(inet.getPort());
    } else {
      made.setPipe(Pipe.newBuilder().setPath(address.toString()));
    }
    return made.build();
  }

  private static HttpRequest http(Question question) {
    HttpRequest.Builder http =
        HttpRequest.newBuilder()
            .setId(FieldText.decoded(question.id()))
            .setMethod(FieldText.decoded(question.method()))
            .setPath(FieldText.decoded(question.path()))
            .setHost(FieldText.decoded(question.host()))
            .setScheme(question.scheme())
            .setProtocol(question.protocol())
            .setSize(question.size());
    if (question.raw()) {
      HeaderMap.Builder map = HeaderMap.newBuilder();
      for (Field field : question.fields()) {
        map.addHeaders(
            HeaderValue.newBuilder()
                .setKey(field.name())
                .setRawValue(
                    UnsafeByteOperations.unsafeWrap(
                        field.value().getBytes(StandardCharsets.ISO_8859_1))));
      }
      http.setHeaderMap(map);
    } else {
      for (Field field : question.fields()) {
        http.putHeaders(FieldText.decoded(field.name()), FieldText.decoded(field.value()));
      }
    }
    Question.Body body = question.body();
    if (body != null && body.asBytes()) {
      http.setRawBody(UnsafeByteOperations.unsafeWrap(body.content()));
    } else if (body != null) {
      http.setBody(FieldText.decoded(body.content()));
    }
    return http.build();
  }
}
