package dev.weir.protos.yaml;

import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlNode.Entry;
import dev.weir.protos.yaml.YamlNode.Kind;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Scalar;
import dev.weir.protos.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2, and so JSON. The tree is composed here from the parser's events, because depth
 * and the expansion of aliases must be bounded, and duplicate keys refused, with a line for each. A
 * key tagged {@code !ignore} is left out with its value, as in Envoy: a place for anchors.
 */
public final class YamlReader {
  private static final int MAX_CHARACTERS = 64 << 20;
  private static final int MAX_DEPTH = 200;

  /** What all aliases of a file may expand to, together. */
  private static final int MAX_ALIASED_NODES = 100_000;

  /** Says what a plain scalar is. */
  private interface Dialect {
    Scalar scalar(Location at, String plain);
  }

  private final String file;
  private final Dialect dialect;
  private final Iterator<Event> events;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int nodes;
  private int aliased;

  private YamlReader(String file, String text, Dialect dialect) {
    this.file = file;
    this.dialect = dialect;
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setCodePointLimit(MAX_CHARACTERS)
            // In one piece: between two the library breaks a character of two units.
            .setBufferSize(text.length() + 2)
            .build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /** {@code file} is the name used in locations. */
  public static YamlFile read(String file, String text) {
    return read(file, text, (at, plain) -> new Scalar(at, plain, CoreSchema.kindOf(plain)));
  }

  /**
   * The same for resources of Kubernetes, whose tools take some plain scalars for others: {@code
   * yes} is a boolean, {@code 010} is eight.
   */
  public static YamlFile readKubernetes(String file, String text) {
    return read(file, text, KubernetesSchema::scalar);
  }

  private static YamlFile read(String file, String text, Dialect dialect) {
    List<YamlNode> documents = new ArrayList<>();
    try {
      new YamlReader(file, text, dialect).readAll(documents);
      return new YamlFile(file, documents, List.of());
    } catch (Unreadable e) {
      return broken(file, text, documents, e.problem);
    } catch (MarkedYamlEngineException e) {
      Location at = location(file, e.getProblemMark().or(e::getContextMark));
      String context = e.getContext() == null ? "" : " " + e.getContext();
      Problem problem = new Problem(at, "", "not valid YAML: " + e.getProblem() + context);
      return broken(file, text, documents, problem);
    } catch (YamlEngineException e) {
      Location at = new Location(file, 1, 1);
      Problem problem = new Problem(at, "", "not valid YAML: " + e.getMessage());
      return broken(file, text, documents, problem);
    }
  }

  private static YamlFile broken(
      String file, String text, List<YamlNode> documents, Problem problem) {
    Problem told =
        text.contains("{{")
            ? new Problem(
                problem.at(),
                problem.field(),
                problem.message()
                    + "; is this a template? Render it first, as by: helm template NAME CHART")
            : problem;
    return new YamlFile(file, documents, List.of(told));
  }

  private void readAll(List<YamlNode> documents) {
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case DocumentStart -> {
          anchors.clear();
          YamlNode root = node(events.next(), 0);
          if (!(root instanceof Scalar scalar && scalar.kind() == Kind.NULL)) {
            documents.add(root);
          }
        }
        case StreamStart, DocumentEnd, StreamEnd, Comment -> {}
        case Alias, Scalar, SequenceStart, SequenceEnd, MappingStart, MappingEnd ->
            throw new IllegalStateException("outside a document: " + event);
      }
    }
  }

  private YamlNode node(Event event, int depth) {
    if (event instanceof AliasEvent alias) {
      return expand(alias);
    }
    if (depth > MAX_DEPTH) {
      throw unreadable(event, "nested deeper than " + MAX_DEPTH + " levels");
    }
    int before = nodes++;
    YamlNode node =
        switch (event) {
          case ScalarEvent scalar -> scalar(scalar);
          case MappingStartEvent mapping -> mapping(mapping, depth);
          default -> sequence(event, depth);
        };
    ((NodeEvent) event)
        .getAnchor()
        .ifPresent(anchor -> anchors.put(anchor, new Anchored(node, nodes - before)));
    return node;
  }

  private YamlNode expand(AliasEvent alias) {
    Anchored anchored = anchors.get(alias.getAlias());
    if (anchored == null) {
      throw unreadable(
          alias, "*" + alias.getAlias() + " names an anchor that is not complete before it");
    }
    aliased += anchored.size();
    nodes += anchored.size();
    if (aliased > MAX_ALIASED_NODES) {
      throw unreadable(alias, "aliases expand to more than " + MAX_ALIASED_NODES + " nodes");
    }
    return anchored.node();
  }

  private Scalar scalar(ScalarEvent event) {
    String tag = event.getTag().orElse("");
    boolean string = tag.equals("!") || tag.equals("tag:yaml.org,2002:str");
    return event.isPlain() && !string
        ? dialect.scalar(location(event), event.getValue())
        : new Scalar(location(event), event.getValue(), Kind.STRING);
  }

  private Sequence sequence(Event start, int depth) {
    List<YamlNode> items = new ArrayList<>();
    for (Event next = events.next(); next.getEventId() != Event.ID.SequenceEnd; ) {
      items.add(node(next, depth + 1));
      next = events.next();
    }
    return new Sequence(location(start), items);
  }

  private Mapping mapping(CollectionStartEvent start, int depth) {
    List<Entry> entries = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (Event next = events.next(); next.getEventId() != Event.ID.MappingEnd; ) {
      boolean ignored =
          next instanceof ScalarEvent key && key.getTag().filter("!ignore"::equals).isPresent();
      if (!(node(next, depth + 1) instanceof Scalar key)) {
        throw unreadable(next, "a key of a map must be a scalar");
      }
      YamlNode value = node(events.next(), depth + 1);
      if (!ignored) {
        Location first = seen.putIfAbsent(key.text(), key.at());
        if (first != null) {
          throw unreadable(
              next, "the key \"" + key.text() + "\" is already on line " + first.line());
        }
        entries.add(new Entry(location(next), key.text(), value));
      }
      next = events.next();
    }
    return new Mapping(location(start), entries);
  }

  private Location location(Event event) {
    return location(file, event.getStartMark());
  }

  private static Location location(String file, Optional<Mark> mark) {
    return mark.map(m -> new Location(file, m.getLine() + 1, m.getColumn() + 1))
        .orElseGet(() -> new Location(file, 1, 1));
  }

  private Unreadable unreadable(Event event, String message) {
    return new Unreadable(new Problem(location(event), "", message));
  }

  /** {@code size} counts the nodes it expands to. */
  private record Anchored(YamlNode node, int size) {}

  /** Leaves the recursion; never leaves this class. */
  private static final class Unreadable extends RuntimeException {
    final transient Problem problem;

    Unreadable(Problem problem) {
      super(problem.message(), null, false, false);
      this.problem = problem;
    }
  }
}
