package dev.weir.protos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UInt32Value;
import dev.cel.expr.SourceInfo;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Held against what the generated class says of the same message. */
final class WireMessageTest {
  private static final Cluster CLUSTER =
      Cluster.newBuilder()
          .setName("app")
          .setConnectTimeout(Duration.newBuilder().setSeconds(3))
          .setLbPolicyValue(77)
          .addHealthChecks(HealthCheck.newBuilder().setAltPort(uint(1)))
          .addHealthChecks(HealthCheck.newBuilder().setAltPort(uint(2)))
          .build();

  private final WireMessage cluster = WireMessage.of(CLUSTER);

  private static UInt32Value uint(int value) {
    return UInt32Value.of(value);
  }

  private static FieldDescriptor field(String name) {
    return Cluster.getDescriptor().findFieldByName(name);
  }

  @Test
  void whatIsSetIsThereInTheOrderOfTheFields() {
    assertEquals(List.copyOf(CLUSTER.getAllFields().keySet()), List.copyOf(cluster.set()));
    assertEquals("app", cluster.get(field("name")));
    assertTrue(cluster.has(field("connect_timeout")));
  }

  @Test
  void whatIsNotSetHasItsDefault() {
    assertFalse(cluster.has(field("alt_stat_name")));
    assertEquals("", cluster.get(field("alt_stat_name")));
    assertEquals(List.of(), cluster.list(field("filters")));
    WireMessage absent = (WireMessage) cluster.get(field("load_assignment"));
    assertTrue(absent.set().isEmpty());
  }

  @Test
  void anEnumsNumberThatHasNoNameIsKept() {
    assertEquals(77, ((EnumValueDescriptor) cluster.get(field("lb_policy"))).getNumber());
  }

  @Test
  void messagesOfAListAreReadInTheirOrder() {
    FieldDescriptor port = HealthCheck.getDescriptor().findFieldByName("alt_port");
    List<?> checks = cluster.list(field("health_checks"));

    assertEquals(2, checks.size());
    assertEquals(WireMessage.of(uint(2)), ((WireMessage) checks.get(1)).get(port));
  }

  @Test
  void entriesOfAMapHaveTheirKeysAndValues() {
    SourceInfo info = SourceInfo.newBuilder().putPositions(7, 0).addLineOffsets(5).build();
    FieldDescriptor positions = SourceInfo.getDescriptor().findFieldByName("positions");
    WireMessage entry = (WireMessage) WireMessage.of(info).list(positions).getFirst();

    assertEquals(7L, entry.get(positions.getMessageType().findFieldByNumber(1)));
    assertEquals(0, entry.get(positions.getMessageType().findFieldByNumber(2)));
    assertEquals(
        List.of(5),
        WireMessage.of(info).list(SourceInfo.getDescriptor().findFieldByName("line_offsets")));
  }

  @Test
  void anAnyIsGivenAsItIs() {
    Any any = Any.pack(CLUSTER);
    WireMessage holder =
        WireMessage.of(TypedExtensionConfig.newBuilder().setTypedConfig(any).build());
    WireMessage held =
        (WireMessage)
            holder.get(TypedExtensionConfig.getDescriptor().findFieldByName("typed_config"));

    assertTrue(held.isAny());
    assertEquals(any, held.any());
    assertFalse(cluster.isAny());
  }

  @Test
  void fieldOfAnotherVersionIsUnknownAndSoIsOneInAnotherForm()
      throws InvalidProtocolBufferException {
    // Field 1, the name, as a number; field 2000 as one, which no field has.
    byte[] form = {0x08, 0x01};
    byte[] number = {(byte) 0x80, 0x7d, 0x01};

    assertFalse(cluster.hasUnknownFields());
    for (byte[] bytes : List.of(form, number)) {
      Cluster read = CLUSTER.toBuilder().mergeFrom(ByteString.copyFrom(bytes)).build();
      assertTrue(WireMessage.of(read).hasUnknownFields());
      assertEquals("app", WireMessage.of(read).get(field("name")));
    }
  }
}
