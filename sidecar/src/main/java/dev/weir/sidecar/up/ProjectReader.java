package dev.weir.sidecar.up;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Nearest;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.member.Durations;
import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.sidecar.run.EnvFile;
import dev.weir.sidecar.run.Interpolation;
import dev.weir.sidecar.run.PublishedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code weir.yaml}, whose keys are compose's; what is wrong has its place. */
final class ProjectReader {
  private static final List<String> KEYS =
      List.of(
          "command",
          "working_dir",
          "environment",
          "env_file",
          "ports",
          "depends_on",
          "restart",
          "stop_grace_period",
          "deploy");
  private static final int MOST_REPLICAS = 100;

  private final Path folder;
  private final Function<String, @Nullable String> around;
  private final List<Problem> problems = new ArrayList<>();

  private ProjectReader(Path folder, Function<String, @Nullable String> around) {
    this.folder = folder;
    this.around = around;
  }

  /** What the file says, if nothing is wrong with it. */
  record Read(List<Service> services, List<Problem> problems) {
    Read {
      services = List.copyOf(services);
      problems = List.copyOf(problems);
    }
  }

  /**
   * @param around the variables that values may use
   */
  static Read read(Path file, String text, Function<String, @Nullable String> around) {
    Path folder = file.toAbsolutePath().getParent();
    ProjectReader reader = new ProjectReader(folder == null ? Path.of("/") : folder, around);
    return reader.read(YamlReader.read(file.toString(), text));
  }

  private Read read(YamlFile file) {
    problems.addAll(file.problems());
    List<Service> services = new ArrayList<>();
    if (file.documents().isEmpty() && problems.isEmpty()) {
      wrong(new Location(file.name(), 1, 1), FieldPath.ROOT, "there is no services: in it");
    }
    for (YamlNode document : file.documents()) {
      for (YamlNode.Entry entry : entries(document, FieldPath.ROOT)) {
        FieldPath path = FieldPath.ROOT.field(entry.key());
        if (!entry.key().equals("services")) {
          unknown(entry, path, List.of("services"));
          continue;
        }
        for (YamlNode.Entry service : entries(entry.value(), path)) {
          services.add(service(service, path.field(service.key())));
        }
      }
    }
    return new Read(services, problems);
  }

  private Service service(YamlNode.Entry service, FieldPath path) {
    if (!service.key().matches("([a-z0-9-]+/)?[a-z0-9-]+")) {
      wrong(service.at(), path, "is not NAME or NAMESPACE/NAME of a service");
    }
    Map<String, YamlNode> fields = new LinkedHashMap<>();
    for (YamlNode.Entry field : entries(service.value(), path)) {
      if (KEYS.contains(field.key())) {
        fields.put(field.key(), field.value());
      } else {
        unknown(field, path.field(field.key()), KEYS);
      }
    }
    if (!fields.containsKey("command")) {
      wrong(service.at(), path.field("command"), "is missing");
    }
    Path workingDir =
        optional(fields, "working_dir", path, this::text).map(folder::resolve).orElse(folder);
    Map<String, String> environment = new LinkedHashMap<>();
    optional(fields, "env_file", path, this::envFiles).ifPresent(environment::putAll);
    optional(fields, "environment", path, this::environment).ifPresent(environment::putAll);
    return new Service(
        service.key(),
        optional(fields, "command", path, this::command).orElse(List.of()),
        workingDir,
        environment,
        optional(fields, "ports", path, this::ports).orElse(List.of()),
        optional(fields, "depends_on", path, this::dependsOn).orElse(Map.of()),
        optional(fields, "restart", path, this::restart).orElse(RestartPolicy.NO),
        optional(
                fields, "stop_grace_period", path, (node, at) -> parsed(node, at, Durations::parse))
            .orElse(Duration.ofSeconds(10)),
        optional(fields, "deploy", path, this::replicas).orElse(1));
  }

  private interface Reader<T> {
    @Nullable T read(YamlNode node, FieldPath path);
  }

  private static <T> Optional<T> optional(
      Map<String, YamlNode> fields, String key, FieldPath path, Reader<T> reader) {
    YamlNode node = fields.get(key);
    return node == null
        ? Optional.empty()
        : Optional.ofNullable(reader.read(node, path.field(key)));
  }

  private void wrong(Location at, FieldPath path, String what) {
    problems.add(new Problem(at, path, what));
  }

  private void unknown(YamlNode.Entry entry, FieldPath path, List<String> known) {
    wrong(
        entry.at(),
        path,
        "is not a key that is known here"
            + Nearest.to(entry.key(), known)
                .map(near -> "; did you mean \"" + near + "\"?")
                .orElse("; these are: " + String.join(", ", known)));
  }

  private List<YamlNode.Entry> entries(YamlNode node, FieldPath path) {
    if (node instanceof YamlNode.Mapping mapping) {
      return mapping.entries();
    }
    wrong(node.at(), path, "must be a map, and is " + node.describe());
    return List.of();
  }

  /** A scalar, or nothing; variables are put in. */
  private @Nullable String text(YamlNode node, FieldPath path) {
    if (!(node instanceof YamlNode.Scalar scalar)) {
      wrong(node.at(), path, "must be a text, and is " + node.describe());
      return null;
    }
    try {
      return Interpolation.of(scalar.text(), around);
    } catch (IllegalArgumentException e) {
      wrong(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private List<String> texts(YamlNode node, FieldPath path) {
    List<String> texts = new ArrayList<>();
    if (node instanceof YamlNode.Sequence list) {
      for (int index = 0; index < list.items().size(); index++) {
        String text = text(list.items().get(index), path.index(index));
        if (text != null) {
          texts.add(text);
        }
      }
    } else {
      wrong(node.at(), path, "must be a list, and is " + node.describe());
    }
    return texts;
  }

  private <T> @Nullable T parsed(YamlNode node, FieldPath path, Function<String, T> form) {
    String text = text(node, path);
    try {
      return text == null ? null : form.apply(text);
    } catch (IllegalArgumentException e) {
      wrong(node.at(), path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable List<String> command(YamlNode node, FieldPath path) {
    List<String> words =
        node instanceof YamlNode.Sequence
            ? texts(node, path)
            : parsed(node, path, ShellWords::split);
    if (words != null && words.isEmpty()) {
      wrong(node.at(), path, "has no word");
    }
    return words;
  }

  private Map<String, String> environment(YamlNode node, FieldPath path) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (node instanceof YamlNode.Mapping mapping) {
      for (YamlNode.Entry entry : mapping.entries()) {
        boolean inherited =
            entry.value() instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.NULL;
        String value =
            inherited ? around.apply(entry.key()) : text(entry.value(), path.key(entry.key()));
        if (value != null) {
          variables.put(entry.key(), value);
        }
      }
      return variables;
    }
    for (String variable : texts(node, path)) {
      int equals = variable.indexOf('=');
      String value = equals < 0 ? around.apply(variable) : variable.substring(equals + 1);
      if (value != null) {
        variables.put(equals < 0 ? variable : variable.substring(0, equals), value);
      }
    }
    return variables;
  }

  private Map<String, String> envFiles(YamlNode node, FieldPath path) {
    Map<String, String> variables = new LinkedHashMap<>();
    List<String> files =
        node instanceof YamlNode.Sequence
            ? texts(node, path)
            : Optional.ofNullable(text(node, path)).map(List::of).orElse(List.of());
    for (String name : files) {
      Path file = folder.resolve(name);
      try {
        EnvFile.Read read = EnvFile.read(file.toString(), Files.readString(file), around);
        read.problems().forEach(problem -> wrong(node.at(), path, problem));
        variables.putAll(read.variables());
      } catch (IOException e) {
        wrong(node.at(), path, file + " cannot be read: " + e);
      }
    }
    return variables;
  }

  private List<PublishedPort> ports(YamlNode node, FieldPath path) {
    List<PublishedPort> ports = new ArrayList<>();
    if (!(node instanceof YamlNode.Sequence list)) {
      wrong(node.at(), path, "must be a list, and is " + node.describe());
      return ports;
    }
    for (int index = 0; index < list.items().size(); index++) {
      PublishedPort port = parsed(list.items().get(index), path.index(index), PublishedPort::parse);
      if (port != null) {
        ports.add(port);
      }
    }
    return ports;
  }

  private Map<String, Service.Condition> dependsOn(YamlNode node, FieldPath path) {
    Map<String, Service.Condition> conditions = new LinkedHashMap<>();
    if (node instanceof YamlNode.Sequence) {
      texts(node, path).forEach(name -> conditions.put(name, Service.Condition.HEALTHY));
      return conditions;
    }
    for (YamlNode.Entry entry : entries(node, path)) {
      FieldPath service = path.field(entry.key());
      Service.Condition condition = Service.Condition.HEALTHY;
      for (YamlNode.Entry field : entries(entry.value(), service)) {
        if (field.key().equals("condition")) {
          Service.Condition said =
              parsed(field.value(), service.field("condition"), ProjectReader::condition);
          condition = said == null ? condition : said;
        } else {
          unknown(field, service.field(field.key()), List.of("condition"));
        }
      }
      conditions.put(entry.key(), condition);
    }
    return conditions;
  }

  private static Service.Condition condition(String text) {
    return switch (text) {
      case "service_started" -> Service.Condition.STARTED;
      case "service_healthy" -> Service.Condition.HEALTHY;
      default ->
          throw new IllegalArgumentException(
              "\"" + text + "\" is not one of service_started and service_healthy");
    };
  }

  /** What is stopped by hand is not started again anyway. */
  private @Nullable RestartPolicy restart(YamlNode node, FieldPath path) {
    return parsed(
        node, path, text -> RestartPolicy.parse(text.equals("unless-stopped") ? "always" : text));
  }

  private @Nullable Integer replicas(YamlNode node, FieldPath path) {
    Integer replicas = null;
    for (YamlNode.Entry entry : entries(node, path)) {
      FieldPath field = path.field(entry.key());
      if (entry.key().equals("replicas")) {
        replicas = parsed(entry.value(), field, ProjectReader::count);
      } else {
        unknown(entry, field, List.of("replicas"));
      }
    }
    return replicas;
  }

  private static Integer count(String text) {
    if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > MOST_REPLICAS) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a number from 0 to " + MOST_REPLICAS);
    }
    return Integer.valueOf(text);
  }
}
