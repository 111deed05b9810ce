package dev.weir.protos.convert;

import com.github.udpa.udpa.type.v1.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Problem;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.convert.Opened.Content;
import dev.weir.protos.convert.Opened.Refused;
import java.util.Optional;

/**
 * Opens an Any, and with it both TypedStructs: their {@code value}, a Struct, is read as the
 * message that their {@code type_url} names.
 */
public final class AnyOpener {
  private AnyOpener() {}

  public static Opened open(Any any) {
    Optional<Message> prototype = TypeRegistry.prototype(any.getTypeUrl());
    if (prototype.isEmpty()) {
      return new Refused("", unknownType(any.getTypeUrl()));
    }
    try {
      Message content = prototype.get().getParserForType().parseFrom(any.getValue());
      return switch (content) {
        case TypedStruct typed -> open(typed.getTypeUrl(), typed.getValue());
        case com.github.xds.type.v3.TypedStruct typed -> open(typed.getTypeUrl(), typed.getValue());
        default -> new Content(content);
      };
    } catch (InvalidProtocolBufferException e) {
      return new Refused(
          "", "its bytes are no " + TypeRegistry.nameOf(any.getTypeUrl()) + ": " + e.getMessage());
    }
  }

  private static Opened open(String typeUrl, Struct value) {
    Optional<Message> prototype = TypeRegistry.prototype(typeUrl);
    if (prototype.isEmpty()) {
      return new Refused("type_url", unknownType(typeUrl));
    }
    Converted<Message> converted =
        ProtoReader.read(ProtoWriter.write(value), prototype.get(), FieldPath.ROOT.field("value"));
    if (converted.problems().isEmpty()) {
      return new Content(converted.message());
    }
    Problem first = converted.problems().getFirst();
    return new Refused(first.field(), first.message());
  }

  private static String unknownType(String typeUrl) {
    return typeUrl.isEmpty() ? "names no type" : "unknown type \"" + typeUrl + "\"";
  }
}
