package dev.weir.sidecar.resource.value;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import dev.weir.protos.rules.RuleValidator;
import dev.weir.protos.rules.Violation;
import java.util.Optional;

/** Opens an Any, or a TypedStruct in it, and holds what is inside to the rules of its proto. */
public final class TypedConfigs {
  private final RuleValidator rules;

  public TypedConfigs(RuleValidator rules) {
    this.rules = rules;
  }

  public Message open(Any any, FieldPath path) throws Invalid {
    return switch (AnyOpener.open(any)) {
      case Opened.Refused(String field, String reason) ->
          throw new Invalid(field.isEmpty() ? path : path.field(field), reason);
      case Opened.Content(Message content) -> {
        check(content, path);
        yield content;
      }
    };
  }

  public void check(Message message, FieldPath path) throws Invalid {
    Optional<Violation> violation = rules.validate(message);
    if (violation.isPresent()) {
      String field = violation.get().path();
      throw new Invalid(field.isEmpty() ? path : path.field(field), violation.get().reason());
    }
  }

  /**
   * The full name of the message in {@code any}; that of the message it names for a TypedStruct.
   */
  public static String nameOf(Message message) {
    return TypeRegistry.nameOf(TypeRegistry.typeUrl(message));
  }
}
