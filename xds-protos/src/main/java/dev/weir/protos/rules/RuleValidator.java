package dev.weir.protos.rules;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.WireMessage;
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
   * @param keys of a map
   * @param value of the field, of each of its items, or of a map's values
   */
  private record RuledField(
      FieldDescriptor field,
      FieldRules rules,
      boolean required,
      boolean repeated,
      boolean map,
      ValueRules keys,
      ValueRules value) {}

  public Optional<Violation> validate(Message message) {
    return validate(message, FieldPath.ROOT);
  }

  /** {@code path} is where {@code message} stands. */
  public Optional<Violation> validate(Message message, FieldPath path) {
    return validate(WireMessage.of(message), path);
  }

  private Optional<Violation> validate(WireMessage message, FieldPath path) {
    if (message.isAny()) {
      return Optional.empty();
    }
    Ruled type = ruled.computeIfAbsent(message.type(), RuleValidator::ruled);
    for (OneofDescriptor oneof : type.required()) {
      if (!message.has(oneof)) {
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
    FieldRules value =
        field.isMapField()
            ? rules.getMap().getValues()
            : field.isRepeated() ? rules.getRepeated().getItems() : rules;
    return new RuledField(
        field,
        rules,
        required,
        field.isRepeated(),
        field.isMapField(),
        ValueRules.of(rules.getMap().getKeys()),
        ValueRules.of(value));
  }

  private static boolean isRequired(FieldRules rules) {
    return rules.getMessage().getRequired()
        || rules.getDuration().getRequired()
        || rules.getTimestamp().getRequired()
        || rules.getAny().getRequired();
  }

  /** {@code parent} is the path of {@code message}; that of the field is made when it is needed. */
  private Optional<Violation> field(WireMessage message, RuledField ruled, FieldPath parent) {
    FieldDescriptor field = ruled.field();
    if (ruled.map()) {
      return map(message, ruled, parent.field(field.getName()));
    }
    if (ruled.repeated()) {
      return list(message, ruled, parent.field(field.getName()));
    }
    if (field.hasPresence() && !message.has(field)) {
      return ruled.required()
          ? violation(parent.field(field.getName()), "must be set")
          : Optional.empty();
    }
    return value(ruled.value(), field, message.get(field), parent.field(field.getName()));
  }

  private Optional<Violation> list(WireMessage message, RuledField ruled, FieldPath path) {
    List<?> items = message.list(ruled.field());
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
          value(ruled.value(), ruled.field(), items.get(i), path.index(i));
      if (violation.isPresent()) {
        return violation;
      }
    }
    return Optional.empty();
  }

  private Optional<Violation> map(WireMessage message, RuledField ruled, FieldPath path) {
    List<?> entries = message.list(ruled.field());
    if (entries.size() < ruled.rules().getMap().getMinPairs()) {
      return violation(
          path, "must have at least " + ruled.rules().getMap().getMinPairs() + " entries");
    }
    FieldDescriptor key = ruled.field().getMessageType().findFieldByNumber(1);
    FieldDescriptor value = ruled.field().getMessageType().findFieldByNumber(2);
    for (Object entry : entries) {
      WireMessage pair = (WireMessage) entry;
      FieldPath at = path.key(pair.get(key).toString());
      Optional<Violation> violation =
          value(ruled.keys(), key, pair.get(key), at)
              .or(() -> value(ruled.value(), value, pair.get(value), at));
      if (violation.isPresent()) {
        return violation;
      }
    }
    return Optional.empty();
  }

  private Optional<Violation> value(
      ValueRules rules, FieldDescriptor field, Object value, FieldPath path) {
    if (value instanceof WireMessage message && !isValue(message.type())) {
      return rules.skipped() ? Optional.empty() : validate(message, path);
    }
    FieldDescriptor inner = field;
    Object content = value;
    if (value instanceof WireMessage wrapper && isWrapper(wrapper.type())) {
      inner = wrapper.type().findFieldByNumber(1);
      content = wrapper.get(inner);
    }
    return rules.broken(inner, content).map(reason -> new Violation(path.toString(), reason));
  }

  /** Rules of these are rules of what they hold. */
  private static boolean isValue(Descriptor type) {
    return type.equals(Duration.getDescriptor()) || isWrapper(type);
  }

  private static boolean isWrapper(Descriptor type) {
    return type.getFile().getName().equals("google/protobuf/wrappers.proto");
  }

  private static Optional<Violation> violation(FieldPath path, String reason) {
    return Optional.of(new Violation(path.toString(), reason));
  }
}
