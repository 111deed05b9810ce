package dev.weir.control.source.resource;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import java.util.Map;

/** {@code metadata}, as far as a mesh reads it. */
@Ignored({
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "finalizers",
  "generateName",
  "generation",
  "managedFields",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
  "uid"
})
record Metadata(
    @Field(value = "The name.", min = "1", pattern = Names.PATTERN) String name,
    @Field(
            value = "The namespace.",
            defaultsTo = "default",
            min = "1",
            max = "63",
            pattern = Names.PATTERN)
        String namespace,
    @Field(value = "Labels.", max = "1000") Map<String, String> labels,
    @Field(value = "Annotations.", max = "1000") Map<String, String> annotations) {}
