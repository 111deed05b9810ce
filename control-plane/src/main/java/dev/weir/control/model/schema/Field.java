package dev.weir.control.model.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a record component as a field of YAML. A component that is {@code @Nullable}, a list, a
 * map, or has a default may be left out; every other one is required.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Field {
  /** What it does, a sentence or two for the reference page and the schema. */
  String value();

  /** The default as it would be written: {@code 2}, {@code 25ms}, {@code [503]}, {@code {}}. */
  String defaultsTo() default "";

  /** The least value; of a text its least length, of a list its fewest items. */
  String min() default "";

  /** The greatest value; of a text its greatest length, of a list its most items. */
  String max() default "";

  /** Of a duration: what it must be a multiple of. */
  String multipleOf() default "1ms";

  /** Of a list of numbers: the least value of each. */
  String eachMin() default "";

  /** Of a list of numbers: the greatest value of each. */
  String eachMax() default "";

  /** A pattern the whole text must match, in the syntax Java, RE2 and ECMA share. */
  String pattern() default "";

  /** What is said of a text that does not match the pattern; empty: the pattern. */
  String otherwise() default "";

  /** Of a list: the item's field that names it and may not come twice. */
  String key() default "";

  /** Of a list: whether no item may come twice. */
  boolean unique() default false;
}
