package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.schema.Field;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code RequestMirror}, the one filter that a rule may have several times. */
final class Mirrors {
  private static final int MILLION = 1_000_000;

  private Mirrors() {}

  record Mirror(
      @Field("Who gets the copy.") Backend backendRef,
      @Field(value = "Of 100 requests, so many.", max = "100") @Nullable Integer percent,
      @Field("Or a finer share.") @Nullable Fraction fraction) {
    Mirror {
      if (percent != null && fraction != null) {
        throw new IllegalArgumentException("only one of percent and fraction may be given");
      }
    }

    int perMillion() {
      if (fraction != null) {
        return fraction.perMillion();
      }
      return percent == null ? MILLION : percent * (MILLION / 100);
    }
  }

  record Backend(
      @Field(value = "Empty for a Service.", defaultsTo = "''") String group,
      @Field(value = "Service.", defaultsTo = "Service") String kind,
      @Field(
              value = "The route's, if unset.",
              min = "1",
              max = "63",
              pattern = ObjectName.LABEL_PATTERN,
              otherwise = ObjectName.OTHERWISE)
          @Nullable String namespace,
      @Field(value = "The service.", min = "1") String name,
      @Field(value = "Its port.", min = "1", max = "65535") int port)
      implements ServiceRef {}

  record Fraction(
      @Field("So many") int numerator,
      @Field(value = "of so many.", defaultsTo = "100", min = "1") int denominator) {
    Fraction {
      if (numerator > denominator) {
        throw new IllegalArgumentException("the numerator is at most the denominator");
      }
    }

    /** What is not nothing stays so. */
    int perMillion() {
      long share = Math.round((double) numerator * MILLION / denominator);
      return numerator == 0 ? 0 : (int) Math.max(1, share);
    }
  }

  /** {@code rule} is the index of the rule, to say where something is. */
  static <F> List<RouteFilters.Mirror> translate(
      Manifest manifest,
      int rule,
      List<F> filters,
      Function<F, @Nullable Mirror> field,
      Findings findings) {
    List<RouteFilters.Mirror> mirrors = new ArrayList<>();
    for (int i = 0; i < filters.size(); i++) {
      Mirror mirror = field.apply(filters.get(i));
      if (mirror == null) {
        continue;
      }
      mirrors.add(
          new RouteFilters.Mirror(
              mirror.backendRef.target(manifest, place(manifest, rule, i), findings),
              mirror.perMillion()));
    }
    return mirrors;
  }

  /** Of the {@code backendRef} of filter {@code index}, or of a field of it. */
  static Place place(Manifest manifest, int rule, int index, String... field) {
    List<Object> steps =
        new ArrayList<>(
            List.of("spec", "rules", rule, "filters", index, "requestMirror", "backendRef"));
    steps.addAll(List.of(field));
    return manifest.place(steps.toArray());
  }
}
