package dev.weir.control.model.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A condition over several fields, as the CRD has it. The record's constructor refuses the same
 * with the same message; what only a parser can tell, a check of the resource's reader does.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Rule.Rules.class)
public @interface Rule {
  String cel();

  String message();

  /** The field that it is about, {@code retry.budget}; empty: all of the record. */
  String field() default "";

  /** Several rules on one record. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Rules {
    Rule[] value();
  }
}
