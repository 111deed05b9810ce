package dev.weir.control.model.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Words the reader knows and refuses: fields of a record, cases of a union, values of an enum that
 * are part of the language but not enforced yet. Nothing is dropped in silence. A field whose value
 * will be a map is written {@code name{}}, a list {@code name[]}, others are texts. A word may be
 * followed by {@code ": "} and what to do instead.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Planned {
  String[] value();
}
