package dev.weir.protos.honoured;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reports each field that is set in a message and not honoured, by its path, inside Any too. A
 * message of {@code google.protobuf} is a value, looked into no further. What is reported is not
 * descended into. Any thread.
 */
public final class FieldValidator {
  private static final int MAX_REPORTS = 100;
  private static final int MAX_DEPTH = 100;

  private final HonouredFields fields;

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
        message
            .getAllFields()
            .forEach((field, value) -> visit(known.get(), field, value, path, depth, found));
        if (!message.getUnknownFields().asMap().isEmpty()) {
          report(found, path, "has fields that this version of " + type + " does not know");
        }
      }
    }
  }

  private void visit(
      HonouredFields.Fields known,
      FieldDescriptor field,
      Object value,
      FieldPath parent,
      int depth,
      List<Unhonoured> found) {
    FieldPath path = parent.field(field.getName());
    if (!known.covers(field.getName())) {
      report(found, path, "is not honoured");
    } else if (known.honoured().contains(field.getName())
        && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      if (field.isMapField()) {
        mapEntries(field, (List<?>) value, path, depth, found);
      } else if (field.isRepeated()) {
        List<?> items = (List<?>) value;
        for (int i = 0; i < items.size(); i++) {
          visit((Message) items.get(i), path.index(i), depth + 1, found);
        }
      } else {
        visit((Message) value, path, depth + 1, found);
      }
    }
  }

  private void mapEntries(
      FieldDescriptor field, List<?> entries, FieldPath path, int depth, List<Unhonoured> found) {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    if (value.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      for (Object entry : entries) {
        Map<FieldDescriptor, Object> pair = ((Message) entry).getAllFields();
        FieldPath at = path.key(String.valueOf(((Message) entry).getField(key)));
        if (pair.containsKey(value)) {
          visit((Message) ((Message) entry).getField(value), at, depth + 1, found);
        }
      }
    }
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
