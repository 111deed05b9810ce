package dev.weir.protos.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import org.junit.jupiter.api.Test;

final class AnyOpenerTest {
  private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

  @Test
  void aTypedStructIsTheMessageItNames() {
    Struct value = Struct.newBuilder().putFields("name", text("app")).build();
    Opened expected = new Opened.Content(Cluster.newBuilder().setName("app").build());

    assertEquals(
        expected,
        AnyOpener.open(
            Any.pack(TypedStruct.newBuilder().setTypeUrl(CLUSTER).setValue(value).build())));
    assertEquals(
        expected,
        AnyOpener.open(
            Any.pack(
                com.github.udpa.udpa.type.v1.TypedStruct.newBuilder()
                    .setTypeUrl(CLUSTER)
                    .setValue(value)
                    .build())));
  }

  @Test
  void aTypedStructThatDoesNotFitIsRefusedByPath() {
    Struct value = Struct.newBuilder().putFields("nme", text("app")).build();

    assertEquals(
        new Opened.Refused("value.nme", "unknown field of Cluster; did you mean \"name\"?"),
        AnyOpener.open(
            Any.pack(TypedStruct.newBuilder().setTypeUrl(CLUSTER).setValue(value).build())));
  }

  @Test
  void anUnknownTypeIsRefused() {
    assertEquals(
        new Opened.Refused("", "unknown type \"x/y.Z\""),
        AnyOpener.open(Any.newBuilder().setTypeUrl("x/y.Z").build()));
    assertEquals(new Opened.Refused("", "names no type"), AnyOpener.open(Any.getDefaultInstance()));
  }

  @Test
  void brokenBytesAreRefused() {
    Any broken =
        Any.newBuilder().setTypeUrl(CLUSTER).setValue(ByteString.fromHex("0aff01")).build();

    assertEquals(
        "its bytes are no envoy.config.cluster.v3.Cluster:",
        ((Opened.Refused) AnyOpener.open(broken)).reason().substring(0, 49));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
