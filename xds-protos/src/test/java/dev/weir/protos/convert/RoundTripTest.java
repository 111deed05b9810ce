package dev.weir.protos.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Printed and read again, any message is the same; so is its JSON, so is its YAML. */
final class RoundTripTest {
  private static final List<Message> ROOTS =
      List.of(
          Bootstrap.getDefaultInstance(),
          Cluster.getDefaultInstance(),
          Listener.getDefaultInstance(),
          RouteConfiguration.getDefaultInstance(),
          HttpConnectionManager.getDefaultInstance(),
          DeltaDiscoveryResponse.getDefaultInstance());

  private static final String AWKWARD = " :#-?,[]{}&*!|>'\"%@`\n\t\\";

  @Property(tries = 150)
  void whatIsPrintedReadsBackTheSame(@ForAll long seed) {
    Random random = new Random(seed);
    Message message = random(ROOTS.get(random.nextInt(ROOTS.size())), random, 5);
    YamlNode node = ProtoWriter.write(message);

    assertEquals(message, read(JsonWriter.write(node), message));
    assertEquals(message, read(YamlWriter.write(node), message));
  }

  private static Message read(String text, Message prototype) {
    YamlFile file = YamlReader.read("printed", text);
    assertEquals(List.of(), file.problems(), text);
    Converted<Message> converted =
        ProtoReader.read(file.documents().getFirst(), prototype.getDefaultInstanceForType());
    assertEquals(List.of(), converted.problems(), text);
    return converted.message();
  }

  private static Message random(Message prototype, Random random, int depth) {
    switch (prototype) {
      case Any _ -> {
        return Any.pack(random(Cluster.getDefaultInstance(), random, depth - 2));
      }
      case Duration _ -> {
        return Duration.newBuilder()
            .setSeconds(random.nextInt(1000))
            .setNanos(random.nextInt(1_000_000_000))
            .build();
      }
      case Timestamp _ -> {
        return Timestamp.newBuilder().setSeconds(random.nextInt()).setNanos(5_000).build();
      }
      case Value _ -> {
        return Value.newBuilder().setNumberValue(random.nextGaussian()).build();
      }
      case FieldMask _ -> {
        return FieldMask.newBuilder().addPaths("foo_bar.baz").build();
      }
      default -> {}
    }
    Message.Builder builder = prototype.newBuilderForType();
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (random.nextInt(4) != 0 || (message && depth <= 0)) {
        continue;
      }
      if (field.isMapField()) {
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        Message.Builder entry = builder.newBuilderForField(field);
        entry.setField(field.getMessageType().findFieldByNumber(1), keyOf(field, random));
        entry.setField(value, value(entry, value, random, depth));
        builder.addRepeatedField(field, entry.build());
      } else if (field.isRepeated()) {
        builder.addRepeatedField(field, value(builder, field, random, depth));
        builder.addRepeatedField(field, value(builder, field, random, depth));
      } else {
        builder.setField(field, value(builder, field, random, depth));
      }
    }
    return builder.build();
  }

  private static Object keyOf(FieldDescriptor map, Random random) {
    FieldDescriptor key = map.getMessageType().findFieldByNumber(1);
    return value(key.getContainingType().toProto().newBuilderForType(), key, random, 0);
  }

  private static Object value(
      Message.Builder builder, FieldDescriptor field, Random random, int depth) {
    return switch (field.getJavaType()) {
      case INT -> random.nextInt();
      case LONG -> random.nextLong();
      case FLOAT -> random.nextFloat();
      case DOUBLE -> random.nextDouble();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> string(random);
      case BYTE_STRING -> ByteString.copyFromUtf8(string(random));
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case MESSAGE -> random(builder.newBuilderForField(field).buildPartial(), random, depth - 1);
    };
  }

  private static String string(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> text.appendCodePoint(random.nextInt(0xd800));
        case 1 -> text.appendCodePoint(0x1f600 + random.nextInt(40));
        case 2 -> text.append(AWKWARD.charAt(random.nextInt(AWKWARD.length())));
        default -> text.append((char) ('a' + random.nextInt(26)));
      }
    }
    return random.nextInt(10) == 0
        ? List.of("on", "1", "null", "~", "-").get(random.nextInt(5))
        : text.toString();
  }
}
