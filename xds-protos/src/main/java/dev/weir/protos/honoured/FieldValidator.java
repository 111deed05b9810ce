package dev.weir.protos.honoured;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.TypeRegistry;
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
    visit(message, FieldPath.ROOT, 0, found);
    return List.copyOf(found);
  }

  private void visit(Message message, FieldPath path, int depth, List<Unhonoured> found) {
    String type = message.getDescriptorForType().getFullName();
    if (message instanceof Any any) {
      open(any, path, depth, found);
    } else if (!type.startsWith("google.protobuf.")) {
      Optional<HonouredFields.Fields> known = fields.of(type);
      if (known.isEmpty()) {
        report(found, path, type + " is not honoured");
      } else if (depth > MAX_DEPTH) {
        report(found, path, "is nested deeper than " + MAX_DEPTH + " messages");
      } else {
        for (Look look : looks.computeIfAbsent(message.getDescriptorForType(), this::looks)) {
          visit(message, look, path, depth, found);
        }
        if (!message.getUnknownFields().asMap().isEmpty()) {
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
      Message message, Look look, FieldPath parent, int depth, List<Unhonoured> found) {
    FieldDescriptor field = look.field();
    boolean set =
        field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
    if (!set) {
      return;
    }
    FieldPath path = parent.field(field.getName());
    if (look.reported()) {
      report(found, path, "is not honoured");
    } else if (look.map() != null) {
      FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
      for (Object each : (List<?>) message.getField(field)) {
        Message entry = (Message) each;
        FieldPath at = path.key(String.valueOf(entry.getField(key)));
        if (entry.hasField(look.map())) {
          visit((Message) entry.getField(look.map()), at, depth + 1, found);
        }
      }
    } else if (field.isRepeated()) {
      List<?> items = (List<?>) message.getField(field);
      for (int i = 0; i < items.size(); i++) {
        visit((Message) items.get(i), path.index(i), depth + 1, found);
      }
    } else if (!passedOver(message, look)) {
      visit((Message) message.getField(field), path, depth + 1, found);
    }
  }

  /** An extension that is not honoured, of which the configuration says that it need not be. */
  private boolean passedOver(Message message, Look look) {
    return look.optional() != null
        && (boolean) message.getField(look.optional())
        && message.getField(look.field()) instanceof Any any
        && fields.of(TypeRegistry.nameOf(any.getTypeUrl())).isEmpty();
  }

  private void open(Any any, FieldPath path, int depth, List<Unhonoured> found) {
    switch (AnyOpener.open(any)) {
      case Opened.Content(Message content) -> visit(content, path, depth + 1, found);
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
