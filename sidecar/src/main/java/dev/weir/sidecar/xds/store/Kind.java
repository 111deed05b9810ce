package dev.weir.sidecar.xds.store;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table of resource kinds: how one is read, what it refers to, whether it can be put
 * in force, and those that have come. Control thread.
 */
final class Kind<T> {
  private final ResourceType type;
  private final Function<Resource, Parsed<T>> reader;
  private final Function<T, List<Reference>> references;
  private final Function<T, Parsed<T>> admission;
  private final @Nullable FirstFetches fetches;
  private final Table<T> table;

  /**
   * @param admission whether a value that was read can be put in force
   * @param fetches of a kind that is asked for by name and lives as long as it is referred to; null
   *     for one that is asked for whole
   * @param clock says when what came
   */
  Kind(
      ResourceType type,
      Function<Resource, Parsed<T>> reader,
      Function<T, List<Reference>> references,
      Function<T, Parsed<T>> admission,
      @Nullable FirstFetches fetches,
      InstantSource clock) {
    this.type = type;
    this.reader = reader;
    this.references = references;
    this.admission = admission;
    this.fetches = fetches;
    this.table = new Table<>(clock);
  }

  /** Reads a message, holds it to the name it was sent under, and parses it. */
  static <P extends Message, T> Function<Resource, Parsed<T>> reader(
      Parser<P> messages, Function<P, String> nameOf, Function<P, Parsed<T>> parser) {
    return resource -> {
      P message;
      try {
        message = messages.parseFrom(resource.body().getValue());
      } catch (InvalidProtocolBufferException e) {
        return new Parsed.Rejected<>("", "its bytes are no message: " + e.getMessage());
      }
      String name = nameOf.apply(message);
      return name.equals(resource.name())
          ? parser.apply(message)
          : new Parsed.Rejected<>("", "calls itself \"" + name + "\"");
    };
  }

  ResourceType type() {
    return type;
  }

  Table<T> table() {
    return table;
  }

  /** Null for a kind that is asked for whole. */
  @Nullable FirstFetches fetches() {
    return fetches;
  }

  List<Reference> references(T value) {
    return references.apply(value);
  }

  /**
   * Takes what can be taken of {@code source}; the rest is added to {@code refused}.
   *
   * @return what is new by it
   */
  Map<String, T> take(ConfigSource source, List<Resource> resources, List<Refused> refused) {
    Map<String, T> taken = new LinkedHashMap<>();
    for (Resource resource : resources) {
      if (fetches != null && !fetches.wanted(source).contains(resource.name())) {
        continue; // what nothing refers to, or no longer, is not looked into
      }
      if (fetches != null) {
        fetches.came(resource.name());
      }
      if (!table.isFree(resource.name())) {
        refuse(resource, "", "a static one of the bootstrap has this name", refused);
      } else if (table.has(resource)) {
        table.touch(resource);
      } else {
        switch (admitted(resource)) {
          case Parsed.Accepted<T>(T value) -> {
            table.put(resource, value);
            taken.put(resource.name(), value);
          }
          case Parsed.Rejected<T>(String field, String reason) ->
              refuse(resource, field, reason, refused);
        }
      }
    }
    return taken;
  }

  /** One that makes us fail is our mistake, and costs this one resource. */
  private Parsed<T> admitted(Resource resource) {
    try {
      return switch (reader.apply(resource)) {
        case Parsed.Accepted<T>(T value) -> admission.apply(value);
        case Parsed.Rejected<T> rejected -> rejected;
      };
    } catch (RuntimeException e) {
      return new Parsed.Rejected<>("", "an internal error: " + e);
    }
  }

  private void refuse(Resource resource, String field, String reason, List<Refused> refused) {
    refused.add(refuse(resource.name(), Optional.of(resource), field, reason));
  }

  /**
   * @param resource that is refused; empty if nobody knows it any more
   */
  Refused refuse(String name, Optional<Resource> resource, String field, String reason) {
    Refused refusal = new Refused(type, name, field, reason);
    table.refuse(name, resource, refusal.toString());
    return refusal;
  }

  /** What is known of each, by name. */
  List<ResourceFact> facts() {
    FirstFetches asked = fetches;
    return asked == null
        ? table.facts(Set.of(), name -> ResourceFact.Asked.ANSWERED)
        : table.facts(asked.names(), name -> asked(asked, name));
  }

  private ResourceFact.Asked asked(FirstFetches asked, String name) {
    if (asked.isGone(name)) {
      return ResourceFact.Asked.ABSENT;
    }
    if (table.isActive(name) || table.isWarming(name)) {
      return ResourceFact.Asked.ANSWERED;
    }
    return asked.isOverdue(name) ? ResourceFact.Asked.ABSENT : ResourceFact.Asked.WAITING;
  }

  /**
   * What is gone, of a kind that is asked for whole; one that is asked for by name lives as long as
   * something refers to it, as in Envoy: to be without is never better than to have the last one.
   * Who has none need not wait for it. Returns whether something in force is gone.
   */
  boolean drop(List<Resource> present, Set<String> gone, boolean complete) {
    if (fetches != null) {
      fetches.absent(gone);
      table.forgive(gone);
      return false;
    }
    boolean dropped = table.remove(gone);
    if (complete) {
      dropped |= table.retain(present.stream().map(Resource::name).collect(Collectors.toSet()));
    }
    return dropped;
  }
}
