package dev.weir.protos.convert;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.weir.protos.Nearest;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Scalar;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Locale;

/** Scalars as proto3's JSON mapping takes them, to the values that a message's field holds. */
final class Scalars {
  private static final BigInteger MAX_UINT32 = BigInteger.valueOf(0xffff_ffffL);
  private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final BigInteger MAX_INT32 = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger MAX_INT64 = BigInteger.valueOf(Long.MAX_VALUE);

  private Scalars() {}

  static Object read(FieldDescriptor field, Scalar scalar) throws NotA {
    return switch (field.getType()) {
      case STRING -> string(scalar);
      case BOOL -> bool(scalar);
      case BYTES -> bytes(scalar);
      case DOUBLE -> floating(scalar).doubleValue();
      case FLOAT -> floating(scalar).floatValue();
      case ENUM -> enumValue(field.getEnumType(), scalar);
      case INT32, SINT32, SFIXED32 ->
          integer(scalar, MAX_INT32.negate().subtract(BigInteger.ONE), MAX_INT32).intValue();
      case UINT32, FIXED32 -> integer(scalar, BigInteger.ZERO, MAX_UINT32).intValue();
      case INT64, SINT64, SFIXED64 ->
          integer(scalar, MAX_INT64.negate().subtract(BigInteger.ONE), MAX_INT64).longValue();
      case UINT64, FIXED64 -> integer(scalar, BigInteger.ZERO, MAX_UINT64).longValue();
      case MESSAGE, GROUP -> throw new NotA("a map");
    };
  }

  /** What {@link #read} wants, for a node that is no scalar. */
  static String expected(FieldDescriptor field) {
    return switch (field.getType()) {
      case STRING -> "a string";
      case BOOL -> "true or false";
      case BYTES -> "base64 text";
      case DOUBLE, FLOAT -> "a number";
      case ENUM -> "one of " + names(field.getEnumType());
      case MESSAGE, GROUP -> "a map";
      default -> "a whole number";
    };
  }

  private static String string(Scalar scalar) throws NotA {
    return switch (scalar.kind()) {
      case STRING -> scalar.text();
      case INTEGER, FLOAT, BOOLEAN, NULL -> throw new NotA("a string: put it in quotes");
    };
  }

  static boolean bool(Scalar scalar) throws NotA {
    if (scalar.kind() == Kind.BOOLEAN) {
      return Boolean.parseBoolean(scalar.text());
    }
    throw new NotA("true or false");
  }

  static ByteString bytes(Scalar scalar) throws NotA {
    String text = string(scalar).replace('-', '+').replace('_', '/');
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new NotA("base64 text");
    }
  }

  static Double floating(Scalar scalar) throws NotA {
    String text = scalar.text();
    if (scalar.kind() == Kind.STRING) {
      switch (text) {
        case "NaN", "Infinity", "-Infinity" -> {
          return Double.valueOf(text);
        }
        default -> {}
      }
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".inf")) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (lower.equals(".nan")) {
      return Double.NaN;
    }
    return decimal(scalar).doubleValue();
  }

  /** A number, or a number in quotes; integers may be written {@code 1e3}, {@code 0x1f}. */
  private static BigDecimal decimal(Scalar scalar) throws NotA {
    String text = scalar.text();
    if (text.length() <= 64) {
      try {
        if (text.startsWith("0x") && scalar.kind() == Kind.INTEGER) {
          return new BigDecimal(new BigInteger(text.substring(2), 16));
        }
        if (text.startsWith("0o") && scalar.kind() == Kind.INTEGER) {
          return new BigDecimal(new BigInteger(text.substring(2), 8));
        }
        if (scalar.kind() != Kind.NULL && scalar.kind() != Kind.BOOLEAN) {
          return new BigDecimal(text);
        }
      } catch (NumberFormatException e) {
        throw new NotA("a number");
      }
    }
    throw new NotA("a number");
  }

  private static BigInteger integer(Scalar scalar, BigInteger min, BigInteger max) throws NotA {
    BigDecimal decimal;
    try {
      decimal = decimal(scalar);
    } catch (NotA e) {
      throw new NotA("a whole number");
    }
    // The exponent is looked at first: 1e999999999 as an integer would fill the memory.
    if (decimal.signum() != 0 && decimal.precision() - decimal.scale() > 20) {
      throw new NotA("a whole number from " + min + " to " + max);
    }
    try {
      BigInteger integer = decimal.toBigIntegerExact();
      if (integer.compareTo(min) >= 0 && integer.compareTo(max) <= 0) {
        return integer;
      }
    } catch (ArithmeticException e) {
      throw new NotA("a whole number");
    }
    throw new NotA("a whole number from " + min + " to " + max);
  }

  private static EnumValueDescriptor enumValue(EnumDescriptor type, Scalar scalar) throws NotA {
    EnumValueDescriptor value = null;
    if (scalar.kind() == Kind.STRING) {
      // As Envoy's parser, without regard to case.
      value = type.findValueByName(scalar.text());
      value = value == null ? type.findValueByName(scalar.text().toUpperCase(Locale.ROOT)) : value;
    } else if (scalar.kind() == Kind.INTEGER) {
      value = type.findValueByNumber(integer(scalar, MAX_INT32.negate(), MAX_INT32).intValue());
    }
    if (value == null) {
      throw new NotA(
          "one of "
              + names(type)
              + Nearest.hint(
                  scalar.text(),
                  type.getValues().stream().map(EnumValueDescriptor::getName).toList()));
    }
    return value;
  }

  private static String names(EnumDescriptor type) {
    return String.join(
        ", ", type.getValues().stream().limit(20).map(EnumValueDescriptor::getName).toList());
  }
}
