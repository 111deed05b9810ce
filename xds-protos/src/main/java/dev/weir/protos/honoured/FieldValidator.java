package dev.weir.protos.honoured;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.TypeRegistry;
import dev.weir.protos.WireMessage;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reports each field that is set in a message and not honoured, by its path, inside Any too. A
 * message of {@code google.protobuf} is a value, looked into no further. What is reported is not
 * descended into, nor is an extension that is not known and {@code is_optional}. Any thread.
 */
public final class FieldValidator {
  private static final int MAX_REPORTS = 100;
  private static final int MAX_DEPTH = 100;

  private final HonouredFields fields;

  /** Of each type that is honoured, the fields that need a look. Bounded by the types. */
  private final Map<Descriptor, List<Look>> looks = new ConcurrentHashMap<>();

  /**
   * A field that is reported if it is set, or whose messages are descended into.
   *
   * @param map the field of the values, if it is a map
   * @param optional the field that says whether one that is not known may be passed over
   */
  private record Look(
      FieldDescriptor field,
      boolean reported,
      @Nullable FieldDescriptor map,
      @Nullable FieldDescriptor optional) {}

  public FieldValidator(HonouredFields fields) {
    this.fields = fields;
  }

  /** At most a hundred, in the order of the fields. */
  public List<Unhonoured> validate(Message message) {
    List<Unhonoured> found = new ArrayList<>();
    visit(WireMessage.of(message), FieldPath.ROOT, 0, found);
    return List.copyOf(found);
  }

  private void visit(WireMessage message, FieldPath path, int depth, List<Unhonoured> found) {
    String type = message.type().getFullName();
    if (message.isAny()) {
      open(message.any(), path, depth, found);
    } else if (!type.startsWith("google.protobuf.")) {
      Optional<HonouredFields.Fields> known = fields.of(type);
      if (known.isEmpty()) {
        report(found, path, type + " is not honoured");
      } else if (depth > MAX_DEPTH) {
        report(found, path, "is nested deeper than " + MAX_DEPTH + " messages");
      } else {
        for (Look look : looks.computeIfAbsent(message.type(), this::looks)) {
          visit(message, look, path, depth, found);
        }
        if (message.hasUnknownFields()) {
          report(found, path, "has fields that this version of " + type + " does not know");
        }
      }
    }
  }

  /** What is honoured and no message, and what is accepted, needs none. */
  private List<Look> looks(Descriptor type) {
    HonouredFields.Fields known = fields.of(type.getFullName()).orElseThrow();
    List<Look> looks = new ArrayList<>();
    for (FieldDescriptor field : type.getFields().stream().sorted().toList()) {
      FieldDescriptor value =
          field.isMapField() ? field.getMessageType().findFieldByNumber(2) : null;
      if (!known.covers(field.getName())) {
        looks.add(new Look(field, true, null, null));
      } else if (known.honoured().contains(field.getName())
          && (value == null ? field : value).getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        looks.add(new Look(field, false, value, type.findFieldByName("is_optional")));
      }
    }
    return looks;
  }

  private void visit(
      WireMessage message, Look look, FieldPath parent, int depth, List<Unhonoured> found) {
    FieldDescriptor field = look.field();
    if (!message.has(field)) {
      return;
    }
    FieldPath path = parent.field(field.getName());
    if (look.reported()) {
      report(found, path, "is not honoured");
    } else if (look.map() != null) {
      FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
      for (Object each : message.list(field)) {
        WireMessage entry = (WireMessage) each;
        FieldPath at = path.key(String.valueOf(entry.get(key)));
        if (entry.has(look.map())) {
          visit((WireMessage) entry.get(look.map()), at, depth + 1, found);
        }
      }
    } else if (field.isRepeated()) {
      List<?> items = message.list(field);
      for (int i = 0; i < items.size(); i++) {
        visit((WireMessage) items.get(i), path.index(i), depth + 1, found);
      }
    } else if (!passedOver(message, look)) {
      visit((WireMessage) message.get(field), path, depth + 1, found);
    }
  }

  /** An extension that is not honoured, of which the configuration says that it need not be. */
  private boolean passedOver(WireMessage message, Look look) {
    return look.optional() != null
        && (boolean) message.get(look.optional())
        && message.get(look.field()) instanceof WireMessage value
        && value.isAny()
        && fields.of(TypeRegistry.nameOf(value.any().getTypeUrl())).isEmpty();
  }

  private void open(Any any, FieldPath path, int depth, List<Unhonoured> found) {
    switch (AnyOpener.open(any)) {
      case Opened.Content(Message content) ->
          visit(WireMessage.of(content), path, depth + 1, found);
      case Opened.Refused(String field, String reason) ->
          report(found, field.isEmpty() ? path : path.field(field), reason);
    }
  }

  private static void report(List<Unhonoured> found, FieldPath path, String reason) {
    if (found.size() < MAX_REPORTS) {
      found.add(new Unhonoured(path.toString(), reason));
    }
  }
}
