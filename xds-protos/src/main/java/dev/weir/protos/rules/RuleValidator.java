package dev.weir.protos.rules;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import io.envoyproxy.pgv.validate.Validate;
import io.envoyproxy.pgv.validate.Validate.FieldRules;
import io.envoyproxy.pgv.validate.Validate.RepeatedRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Finds the first field of a message that breaks a rule of its proto. An Any is not opened: who
 * opens it validates what it holds. Any thread.
 */
public final class RuleValidator {
  /** Bounded by the number of message types. */
  private final Map<Descriptor, Ruled> ruled = new ConcurrentHashMap<>();

  /** What of a message needs a look: fields with rules, and messages that may have some. */
  private record Ruled(List<RuledField> fields, List<OneofDescriptor> required) {}

  /**
   * @param required whether it must be set: of a oneof's field, the rules hold when it is the one
   *     that is set
   */
  private record RuledField(
      FieldDescriptor field, FieldRules rules, boolean required, boolean repeated, boolean map) {}

  public Optional<Violation> validate(Message message) {
    return validate(message, FieldPath.ROOT);
  }

  /** {@code path} is where {@code message} stands. */
  public Optional<Violation> validate(Message message, FieldPath path) {
    if (message instanceof Any) {
      return Optional.empty();
    }
    Ruled type = ruled.computeIfAbsent(message.getDescriptorForType(), RuleValidator::ruled);
    for (OneofDescriptor oneof : type.required()) {
      if (!message.hasOneof(oneof)) {
        String names =
            oneof.getFields().stream()
                .map(FieldDescriptor::getName)
                .collect(Collectors.joining(", "));
        return violation(path, "must set " + (oneof.getFieldCount() > 1 ? "one of " : "") + names);
      }
    }
    for (RuledField field : type.fields()) {
      Optional<Violation> violation = field(message, field, path);
      if (violation.isPresent()) {
        return violation;
      }
    }
    return Optional.empty();
  }

  private static Ruled ruled(Descriptor type) {
    return new Ruled(
        type.getFields().stream()
            .map(RuleValidator::ruled)
            .filter(ruled ->
                ruled.field().getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    || !ruled.rules().equals(FieldRules.getDefaultInstance()))
            .toList(),
        type.getRealOneofs().stream()
            .filter(oneof -> oneof.getOptions().getExtension(Validate.required))
            .toList());
  }

  private static RuledField ruled(FieldDescriptor field) {
    FieldRules rules = field.getOptions().getExtension(Validate.rules);
    boolean required = isRequired(rules) && field.getRealContainingOneof() == null;
    return new RuledField(field, rules, required, field.isRepeated(), field.isMapField());
  }

  private static boolean isRequired(FieldRules rules) {
    return rules.getMessage().getRequired()
        || rules.getDuration().getRequired()
        || rules.getTimestamp().getRequired()
        || rules.getAny().getRequired();
  }

  /** {@code parent} is the path of {@code message}; that of the field is made when it is needed. */
  private Optional<Violation> field(Message message, RuledField ruled, FieldPath parent) {
    FieldDescriptor field = ruled.field();
    if (ruled.map()) {
      return map(message, ruled, parent.field(field.getName()));
    }
    if (ruled.repeated()) {
      return list(message, ruled, parent.field(field.getName()));
    }
    if (field.hasPresence() && !message.hasField(field)) {
      return ruled.required()
          ? violation(parent.field(field.getName()), "must be set")
          : Optional.empty();
    }
    return value(ruled.rules(), field, message.getField(field), parent.field(field.getName()));
  }

  private Optional<Violation> list(Message message, RuledField ruled, FieldPath path) {
    List<?> items = (List<?>) message.getField(ruled.field());
    RepeatedRules rules = ruled.rules().getRepeated();
    if (items.size() < rules.getMinItems()) {
      return violation(path, "must have at least " + rules.getMinItems() + " entries");
    }
    if (rules.hasMaxItems() && items.size() > rules.getMaxItems()) {
      return violation(path, "must have at most " + rules.getMaxItems() + " entries");
    }
    if (rules.getUnique() && items.stream().distinct().count() < items.size()) {
      return violation(path, "must not have an entry twice");
    }
    for (int i = 0; i < items.size(); i++) {
      Optional<Violation> violation =
          value(rules.getItems(), ruled.field(), items.get(i), path.index(i));
      if (violation.isPresent()) {
        return violation;
      }
    }
    return Optional.empty();
  }

  private Optional<Violation> map(Message message, RuledField ruled, FieldPath path) {
    List<?> entries = (List<?>) message.getField(ruled.field());
    if (entries.size() < ruled.rules().getMap().getMinPairs()) {
      return violation(
          path, "must have at least " + ruled.rules().getMap().getMinPairs() + " entries");
    }
    FieldDescriptor key = ruled.field().getMessageType().findFieldByNumber(1);
    FieldDescriptor value = ruled.field().getMessageType().findFieldByNumber(2);
    for (Object entry : entries) {
      Message pair = (Message) entry;
      FieldPath at = path.key(pair.getField(key).toString());
      Optional<Violation> violation =
          value(ruled.rules().getMap().getKeys(), key, pair.getField(key), at)
              .or(() -> value(ruled.rules().getMap().getValues(), value, pair.getField(value), at));
      if (violation.isPresent()) {
        return violation;
      }
    }
    return Optional.empty();
  }

  private Optional<Violation> value(
      FieldRules rules, FieldDescriptor field, Object value, FieldPath path) {
    if (value instanceof Message message && !isValue(message)) {
      return rules.getMessage().getSkip() ? Optional.empty() : validate(message, path);
    }
    FieldDescriptor inner = field;
    Object content = value;
    if (value instanceof Message wrapper && isWrapper(wrapper)) {
      inner = wrapper.getDescriptorForType().findFieldByNumber(1);
      content = wrapper.getField(inner);
    }
    return ValueRules.broken(rules, inner, content)
        .map(reason -> new Violation(path.toString(), reason));
  }

  /** Rules of these are rules of what they hold. */
  private static boolean isValue(Message message) {
    return message instanceof com.google.protobuf.Duration || isWrapper(message);
  }

  private static boolean isWrapper(Message message) {
    return message
        .getDescriptorForType()
        .getFile()
        .getName()
        .equals("google/protobuf/wrappers.proto");
  }

  private static Optional<Violation> violation(FieldPath path, String reason) {
    return Optional.of(new Violation(path.toString(), reason));
  }
}
