package dev.weir.sidecar.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever bytes a control plane sends, a parser accepts or rejects; it never throws. */
final class DamagedResourceTest {
  private static final int DAMAGES_OF_EACH = 150;

  private final ResourceParser parser =
      new ResourceParser(FieldPolicy.WARN, (resource, fields) -> {});
  private final Random random = new Random(7);
  private int accepted;
  private int rejected;

  @Test
  void aDamagedResourceIsAcceptedOrRejected() throws IOException {
    damage("listener", Listener.getDefaultInstance(), parser::listener);
    damage("route", RouteConfiguration.getDefaultInstance(), parser::routeConfiguration);
    damage("cluster", Cluster.getDefaultInstance(), parser::cluster);
    damage("endpoints", ClusterLoadAssignment.getDefaultInstance(), parser::endpoints);
    damage("secret", Secret.getDefaultInstance(), parser::secret);

    assertTrue(accepted > 100 && rejected > 100, accepted + " accepted, " + rejected + " rejected");
  }

  private <P extends Message> void damage(
      String subject, P prototype, Function<P, ? extends Parsed<?>> parse) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources").resolve(subject))) {
      for (Path file : files.sorted().toList()) {
        byte[] whole = config(file, prototype).toByteArray();
        for (int i = 0; i < DAMAGES_OF_EACH; i++) {
          parse(damaged(whole), prototype, parse);
        }
      }
    }
  }

  private static <P extends Message> P config(Path file, P prototype) throws IOException {
    YamlFile yaml = YamlReader.read(file.toString(), Files.readString(file));
    Mapping root = (Mapping) yaml.documents().getFirst();
    Converted<P> config = ProtoReader.read(root.get("config").orElseThrow(), prototype);
    assertEquals(List.of(), config.problems());
    return config.message();
  }

  private byte[] damaged(byte[] whole) {
    byte[] bytes = whole.clone();
    for (int flips = 1 + random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  @SuppressWarnings("unchecked") // A prototype's parser makes its own type.
  private <P extends Message> void parse(
      byte[] bytes, P prototype, Function<P, ? extends Parsed<?>> parse) {
    P message;
    try {
      message = (P) prototype.getParserForType().parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      return;
    }
    switch (parse.apply(message)) {
      case Parsed.Accepted<?> _ -> accepted++;
      case Parsed.Rejected<?> _ -> rejected++;
    }
  }
}
