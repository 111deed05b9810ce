package dev.weir.protos.rules;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.weir.protos.WireMessage;
import io.envoyproxy.pgv.validate.Validate.EnumRules;
import io.envoyproxy.pgv.validate.Validate.FieldRules;
import io.envoyproxy.pgv.validate.Validate.KnownRegex;
import io.envoyproxy.pgv.validate.Validate.StringRules;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules of single values: numbers, durations, enums, strings, bytes. */
final class ValueRules {
  private static final Pattern HEADER_NAME = Pattern.compile(":?[0-9a-zA-Z!#$%&'*+\\-.^_|~`]+");
  private static final Pattern HEADER_VALUE =
      Pattern.compile("[^\\x00-\\x08\\x0A-\\x1F\\x7F]*", Pattern.DOTALL);
  private static final FieldDescriptor SECONDS =
      com.google.protobuf.Duration.getDescriptor().findFieldByName("seconds");
  private static final FieldDescriptor NANOS =
      com.google.protobuf.Duration.getDescriptor().findFieldByName("nanos");
  private static final Pattern NO_LINE_BREAK = Pattern.compile("[^\\x00\\n\\r]*", Pattern.DOTALL);

  private final FieldRules rules;

  /** Of a number or a duration. */
  private final Map<FieldDescriptor, Object> bounds;

  private final boolean ignoresEmpty;

  /** Of a string. */
  private final @Nullable Pattern pattern;

  private ValueRules(FieldRules rules) {
    this.rules = rules;
    WireMessage ofType = isOrdered(rules) ? rulesOfType(rules) : null;
    bounds = ofType == null ? Map.of() : bounds(ofType);
    ignoresEmpty = ofType != null && ignoresEmpty(ofType);
    pattern =
        rules.getString().hasPattern() ? Pattern.compile(rules.getString().getPattern()) : null;
  }

  static ValueRules of(FieldRules rules) {
    return new ValueRules(rules);
  }

  /** A message is not looked into. */
  boolean skipped() {
    return rules.getMessage().getSkip();
  }

  /** What {@code value}, of the type of {@code field}, must be and is not. */
  Optional<String> broken(FieldDescriptor field, Object value) {
    return switch (rules.getTypeCase()) {
      case STRING -> string(rules.getString(), (String) value);
      case BYTES -> bytes(rules, (ByteString) value);
      case ENUM -> enumeration(rules.getEnum(), (EnumValueDescriptor) value);
      case BOOL ->
          rules.getBool().hasConst() && rules.getBool().getConst() != (Boolean) value
              ? Optional.of("must be " + rules.getBool().getConst())
              : Optional.empty();
      case REPEATED, MAP, ANY, TIMESTAMP, TYPE_NOT_SET -> Optional.empty();
      default -> ordered(field, value);
    };
  }

  private static Map<FieldDescriptor, Object> bounds(WireMessage rules) {
    Map<FieldDescriptor, Object> bounds = new LinkedHashMap<>();
    for (FieldDescriptor field : rules.set()) {
      bounds.put(field, field.isRepeated() ? rules.list(field) : rules.get(field));
    }
    return bounds;
  }

  private static boolean isOrdered(FieldRules rules) {
    return switch (rules.getTypeCase()) {
      case STRING, BYTES, ENUM, BOOL, REPEATED, MAP, ANY, TIMESTAMP, TYPE_NOT_SET -> false;
      default -> true;
    };
  }

  private static WireMessage rulesOfType(FieldRules rules) {
    return (WireMessage)
        WireMessage.of(rules)
            .get(FieldRules.getDescriptor().findFieldByNumber(rules.getTypeCase().getNumber()));
  }

  /** Numbers and durations have the same rules, in messages that share no type. */
  private Optional<String> ordered(FieldDescriptor field, Object value) {
    for (Map.Entry<FieldDescriptor, Object> rule : bounds.entrySet()) {
      String name = rule.getKey().getName();
      Object bound = rule.getValue();
      boolean kept =
          switch (name) {
            case "lt" -> compare(field, value, bound) < 0;
            case "lte" -> compare(field, value, bound) <= 0;
            case "gt" -> compare(field, value, bound) > 0;
            case "gte" -> compare(field, value, bound) >= 0;
            case "const" -> compare(field, value, bound) == 0;
            case "in" -> ((List<?>) bound).contains(value);
            case "not_in" -> !((List<?>) bound).contains(value);
            default -> true;
          };
      if (!kept && !(ignoresEmpty && isZero(field, value))) {
        return Optional.of("must be " + words(name) + " " + text(field, bound));
      }
    }
    return Optional.empty();
  }

  private static String words(String rule) {
    return switch (rule) {
      case "lt" -> "below";
      case "lte" -> "at most";
      case "gt" -> "above";
      case "gte" -> "at least";
      case "in" -> "one of";
      case "not_in" -> "none of";
      default -> "";
    };
  }

  private static boolean ignoresEmpty(WireMessage rules) {
    FieldDescriptor field = rules.type().findFieldByName("ignore_empty");
    return field != null && (Boolean) rules.get(field);
  }

  private static boolean isZero(FieldDescriptor field, Object value) {
    return field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        && value.equals(field.getDefaultValue());
  }

  private static int compare(FieldDescriptor field, Object value, Object bound) {
    return switch (value) {
      case Integer number when isUnsigned(field) ->
          Integer.compareUnsigned(number, (Integer) bound);
      case Integer number -> Integer.compare(number, (Integer) bound);
      case Long number when isUnsigned(field) -> Long.compareUnsigned(number, (Long) bound);
      case Long number -> Long.compare(number, (Long) bound);
      case Float number -> Float.compare(number, (Float) bound);
      case Double number -> Double.compare(number, (Double) bound);
      case WireMessage duration -> duration(duration).compareTo(duration((WireMessage) bound));
      default -> throw new IllegalStateException("no order for " + value.getClass());
    };
  }

  private static Duration duration(WireMessage message) {
    return Duration.ofSeconds((Long) message.get(SECONDS), (Integer) message.get(NANOS));
  }

  private static String text(FieldDescriptor field, Object bound) {
    return switch (bound) {
      case WireMessage message -> {
        Duration duration = duration(message);
        yield duration.isZero() ? "0" : duration.toMillis() / 1000.0 + "s";
      }
      case Integer number when isUnsigned(field) -> Integer.toUnsignedString(number);
      case Long number when isUnsigned(field) -> Long.toUnsignedString(number);
      default -> bound.toString();
    };
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, UINT64, FIXED32, FIXED64 -> true;
      default -> false;
    };
  }

  private static Optional<String> enumeration(EnumRules rules, EnumValueDescriptor value) {
    if (rules.getDefinedOnly() && value.getType().findValueByNumber(value.getNumber()) == null) {
      return Optional.of("has no value " + value.getNumber());
    }
    boolean excluded =
        rules.getNotInList().contains(value.getNumber())
            || (rules.getInCount() > 0 && !rules.getInList().contains(value.getNumber()))
            || (rules.hasConst() && rules.getConst() != value.getNumber());
    return excluded ? Optional.of("must not be " + value.getName()) : Optional.empty();
  }

  private static Optional<String> bytes(FieldRules rules, ByteString value) {
    if (value.size() < rules.getBytes().getMinLen()) {
      return Optional.of("must have at least " + rules.getBytes().getMinLen() + " bytes");
    }
    return rules.getBytes().hasMaxLen() && value.size() > rules.getBytes().getMaxLen()
        ? Optional.of("must have at most " + rules.getBytes().getMaxLen() + " bytes")
        : Optional.empty();
  }

  private Optional<String> string(StringRules rules, String value) {
    if (rules.getIgnoreEmpty() && value.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> length = length(rules, value);
    if (length.isPresent()) {
      return length;
    }
    if (rules.getInCount() > 0 && !rules.getInList().contains(value)) {
      return Optional.of("must be one of " + rules.getInList());
    }
    if (!value.startsWith(rules.getPrefix())) {
      return Optional.of("must begin with \"" + rules.getPrefix() + "\"");
    }
    if (!value.endsWith(rules.getSuffix())) {
      return Optional.of("must end with \"" + rules.getSuffix() + "\"");
    }
    if (pattern != null && !pattern.matcher(value).find()) {
      return Optional.of("must match " + rules.getPattern());
    }
    return wellKnown(rules, value);
  }

  private static Optional<String> length(StringRules rules, String value) {
    long fewest = rules.getMinLen();
    long fewestBytes = rules.getMinBytes();
    if (value.isEmpty()) {
      return fewest > 0 || fewestBytes > 0 ? Optional.of("must not be empty") : Optional.empty();
    }
    if (fewest <= 1 && fewestBytes <= 1 && !rules.hasMaxLen() && !rules.hasMaxBytes()) {
      return Optional.empty(); // most of them, and counting takes a copy
    }
    long characters = value.codePointCount(0, value.length());
    long bytes = ByteString.copyFromUtf8(value).size();
    if (characters < fewest || bytes < fewestBytes) {
      return Optional.of("must have at least " + Math.max(fewest, fewestBytes) + " characters");
    }
    if ((rules.hasMaxLen() && characters > rules.getMaxLen())
        || (rules.hasMaxBytes() && bytes > rules.getMaxBytes())) {
      long most = rules.hasMaxLen() ? rules.getMaxLen() : rules.getMaxBytes();
      return Optional.of("must have at most " + most + " characters");
    }
    return Optional.empty();
  }

  private static Optional<String> wellKnown(StringRules rules, String value) {
    KnownRegex known = rules.getWellKnownRegex();
    if (value.isEmpty() || known == KnownRegex.UNKNOWN) {
      return Optional.empty();
    }
    if (!rules.getStrict()) {
      return NO_LINE_BREAK.matcher(value).matches()
          ? Optional.empty()
          : Optional.of("must not have a line break or a NUL");
    }
    if (known == KnownRegex.HTTP_HEADER_NAME) {
      return HEADER_NAME.matcher(value).matches()
          ? Optional.empty()
          : Optional.of("is no valid name of a header");
    }
    return HEADER_VALUE.matcher(value).matches()
        ? Optional.empty()
        : Optional.of("is no valid value of a header");
  }
}
