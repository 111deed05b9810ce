package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.honoured.HonouredFields;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A field about TLS that is not honoured is refused whatever the field policy is, and {@code
 * docs/decisions.md} says why: each of Envoy's API, so that a new one has to be thought about.
 */
class TlsFieldsTest {
  private static final DataSource FILE = DataSource.newBuilder().setFilename("/file").build();

  private static final TlsCertificate CERTIFICATE =
      TlsCertificate.newBuilder().setCertificateChain(FILE).setPrivateKey(FILE).build();

  private static final CommonTlsContext COMMON =
      CommonTlsContext.newBuilder().addTlsCertificates(CERTIFICATE).build();

  private static final SubjectAltNameMatcher NAME =
      SubjectAltNameMatcher.newBuilder()
          .setSanType(SubjectAltNameMatcher.SanType.DNS)
          .setMatcher(StringMatcher.newBuilder().setExact("a"))
          .build();

  private static final CertificateValidationContext VALIDATION =
      CertificateValidationContext.newBuilder().setTrustedCa(FILE).build();

  private static final CombinedCertificateValidationContext COMBINED =
      CombinedCertificateValidationContext.newBuilder()
          .setDefaultValidationContext(CertificateValidationContext.getDefaultInstance())
          .setValidationContextSdsSecretConfig(SdsSecretConfig.newBuilder().setName("ca"))
          .build();

  private static final ResourceParser PARSER =
      new ResourceParser(FieldPolicy.IGNORE, (resource, fields) -> {});

  /** A message as it is right, and what a resource with it is taken for. */
  record Place<M extends Message>(M right, Function<M, Parsed<?>> parse) {
    @SuppressWarnings("unchecked") // a changed one is of the same type
    Parsed<?> with(Message changed) {
      return parse.apply((M) changed);
    }

    @Override
    public String toString() {
      return right.getDescriptorForType().getName();
    }
  }

  private static final List<Place<?>> PLACES =
      List.of(
          new Place<>(
              DownstreamTlsContext.newBuilder().setCommonTlsContext(COMMON).build(),
              TlsFieldsTest::downstream),
          new Place<>(
              UpstreamTlsContext.newBuilder().setCommonTlsContext(COMMON).build(),
              TlsFieldsTest::upstream),
          new Place<>(COMMON, TlsFieldsTest::common),
          new Place<>(
              COMBINED,
              combined ->
                  common(COMMON.toBuilder().setCombinedValidationContext(combined).build())),
          new Place<>(
              TlsParameters.getDefaultInstance(),
              params -> common(COMMON.toBuilder().setTlsParams(params).build())),
          new Place<>(
              SdsSecretConfig.newBuilder().setName("ca").build(),
              secret ->
                  common(COMMON.toBuilder().setValidationContextSdsSecretConfig(secret).build())),
          new Place<>(
              Secret.newBuilder().setName("a").setTlsCertificate(CERTIFICATE).build(),
              PARSER::secret),
          new Place<>(
              CERTIFICATE,
              of -> PARSER.secret(Secret.newBuilder().setName("a").setTlsCertificate(of).build())),
          new Place<>(VALIDATION, TlsFieldsTest::validation),
          new Place<>(
              NAME,
              name ->
                  validation(VALIDATION.toBuilder().addMatchTypedSubjectAltNames(name).build())),
          new Place<>(
              TlsSessionTicketKeys.newBuilder().addKeys(FILE).build(),
              keys ->
                  PARSER.secret(
                      Secret.newBuilder().setName("a").setSessionTicketKeys(keys).build())),
          new Place<>(FILE, ca -> validation(VALIDATION.toBuilder().setTrustedCa(ca).build())));

  private static TransportSocket socket(Message context) {
    return TransportSocket.newBuilder().setName("tls").setTypedConfig(Any.pack(context)).build();
  }

  private static Address address() {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(1))
        .build();
  }

  private static Parsed<?> downstream(DownstreamTlsContext context) {
    return PARSER.listener(
        Listener.newBuilder()
            .setName("in")
            .setAddress(address())
            .addFilterChains(
                FilterChain.newBuilder()
                    .setTransportSocket(socket(context))
                    .addFilters(
                        Filter.newBuilder()
                            .setName("tcp")
                            .setTypedConfig(
                                Any.pack(
                                    TcpProxy.newBuilder()
                                        .setStatPrefix("t")
                                        .setCluster("c")
                                        .build()))))
            .build());
  }

  private static Parsed<?> upstream(UpstreamTlsContext context) {
    return PARSER.cluster(
        Cluster.newBuilder().setName("c").setTransportSocket(socket(context)).build());
  }

  private static Parsed<?> common(CommonTlsContext common) {
    return downstream(DownstreamTlsContext.newBuilder().setCommonTlsContext(common).build());
  }

  private static Parsed<?> validation(CertificateValidationContext context) {
    return PARSER.secret(Secret.newBuilder().setName("a").setValidationContext(context).build());
  }

  static Stream<Place<?>> places() {
    return PLACES.stream();
  }

  @ParameterizedTest
  @MethodSource("places")
  void isTakenAsItIsRight(Place<?> place) {
    assertInstanceOf(Parsed.Accepted.class, place.with(place.right()));
  }

  private static Stream<FieldDescriptor> notHonoured(Place<?> place) {
    HonouredFields.Fields known =
        HonouredFields.load()
            .of(place.right().getDescriptorForType().getFullName())
            .orElseThrow(() -> new AssertionError(place + " is not in the list"));
    return place.right().getDescriptorForType().getFields().stream()
        .filter(field -> !known.honoured().contains(field.getName()))
        .filter(field -> !known.accepted().containsKey(field.getName()));
  }

  static Stream<Arguments> refused() {
    return PLACES.stream()
        .flatMap(place -> notHonoured(place).map(field -> Arguments.of(place, field)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("refused")
  void aFieldThatIsNotHonouredIsRefusedByItsName(Place<?> place, FieldDescriptor field) {
    Message.Builder changed = place.right().toBuilder();
    set(changed, field);
    Parsed.Rejected<?> rejected =
        assertInstanceOf(Parsed.Rejected.class, place.with(changed.build()));
    assertTrue(
        rejected.field().endsWith(field.getName()),
        () -> rejected.field() + ": " + rejected.reason());
    assertEquals("is not supported", rejected.reason());
  }

  /** To another value than what is there without; one that keeps the rules of its proto. */
  private static void set(Message.Builder of, FieldDescriptor field) {
    if (field.isRepeated()) {
      of.addRepeatedField(field, value(of, field));
    } else {
      of.setField(field, value(of, field));
    }
  }

  private static Object value(Message.Builder of, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case BOOLEAN -> true;
      case BYTE_STRING -> ByteString.copyFromUtf8("x");
      case DOUBLE -> 1.0;
      case ENUM -> field.getEnumType().getValues().getLast();
      case FLOAT -> 1.0f;
      case INT -> 1;
      case LONG -> 1L;
      case MESSAGE -> filled(of.newBuilderForField(field));
      case STRING -> "x";
    };
  }

  /** With its texts, what is in an Any, and the first of each choice. */
  private static Message filled(Message.Builder message) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      boolean first =
          field.getContainingOneof() == null
              || field.getContainingOneof().getFields().getFirst().equals(field);
      boolean any =
          field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
              && field.getMessageType().getFullName().equals("google.protobuf.Any");
      if (first
          && (any
              || field.getContainingOneof() != null
              || field.getJavaType() == FieldDescriptor.JavaType.STRING)) {
        set(message, field);
      }
    }
    return message.build();
  }

  @Test
  void theDocumentsSayWhyOfEach() throws IOException {
    String decisions = Files.readString(Path.of("../docs/decisions.md"));
    assertEquals(
        List.of(),
        PLACES.stream()
            .flatMap(TlsFieldsTest::notHonoured)
            .map(FieldDescriptor::getName)
            .filter(name -> !decisions.contains("`" + name + "`"))
            .distinct()
            .toList());
  }
}
