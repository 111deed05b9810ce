package dev.weir.sidecar.up;

import dev.weir.cli.Durations;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.member.RestartPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final String SERVICES = "services";

  /** The file's form has no versions, and the mesh is called by its folder. */
  private static final List<String> IGNORED = List.of("version", "name");

  private static final int MOST_REPLICAS = 100;

  private final Path folder;
  private final Optional<FolderServices> mesh;
  private final ProjectNodes nodes;
  private final EnvironmentReader environment;
  private final PortsReader ports;

  private ProjectReader(
      Path folder, Optional<FolderServices> mesh, Function<String, @Nullable String> around) {
    this.folder = folder;
    this.mesh = mesh;
    this.nodes = new ProjectNodes(around);
    this.environment = new EnvironmentReader(nodes, folder);
    this.ports = new PortsReader(nodes);
  }

  /** What the file says, if nothing is wrong with it. */
  record Read(List<Service> services, List<Problem> problems) {
    Read {
      services = List.copyOf(services);
      problems = List.copyOf(problems);
    }
  }

  /**
   * @param mesh the services that the mesh has; empty where that cannot be said
   * @param around the variables that values may use
   */
  static Read read(
      Path file,
      String text,
      Optional<FolderServices> mesh,
      Function<String, @Nullable String> around) {
    Path folder = file.toAbsolutePath().getParent();
    ProjectReader reader = new ProjectReader(folder == null ? Path.of("/") : folder, mesh, around);
    return reader.read(YamlReader.read(file.toString(), text));
  }

  private Read read(YamlFile file) {
    nodes.problems().addAll(file.problems());
    List<Service> services = new ArrayList<>();
    boolean there = false;
    for (YamlNode document : file.documents()) {
      for (YamlNode.Entry entry : nodes.entries(document, FieldPath.ROOT)) {
        if (entry.key().equals(SERVICES)) {
          there = true;
          services.addAll(services(entry));
        } else if (!IGNORED.contains(entry.key())) {
          nodes.unknown(entry, FieldPath.ROOT.field(entry.key()), List.of(SERVICES));
        }
      }
    }
    if (!there && nodes.problems().isEmpty()) {
      nodes.wrong(new Location(file.name(), 1, 1), FieldPath.ROOT, "there is no services: in it");
    }
    nodes.problems().sort(Comparator.comparingInt(problem -> problem.at().line()));
    return new Read(services, nodes.problems());
  }

  private List<Service> services(YamlNode.Entry all) {
    FieldPath path = FieldPath.ROOT.field(SERVICES);
    List<Service> services = new ArrayList<>();
    for (YamlNode.Entry service : nodes.entries(all.value(), path)) {
      services.add(service(service, path.field(service.key())));
    }
    if (all.value() instanceof YamlNode.Mapping && services.isEmpty()) {
      nodes.wrong(all.at(), path, "there is no service in it");
    }
    return services;
  }

  private Service service(YamlNode.Entry service, FieldPath path) {
    if (!service.key().matches("([a-z0-9-]+/)?[a-z0-9-]+")) {
      nodes.wrong(service.at(), path, "is not NAME or NAMESPACE/NAME of a service");
    } else {
      mesh.flatMap(known -> known.problem(service.key()))
          .ifPresent(problem -> nodes.wrong(service.at(), path, problem));
    }
    Map<String, YamlNode> fields = new LinkedHashMap<>();
    for (YamlNode.Entry field : nodes.entries(service.value(), path)) {
      if (KEYS.contains(field.key())) {
        fields.put(field.key(), field.value());
      } else {
        nodes.unknown(field, path.field(field.key()), KEYS);
      }
    }
    if (!fields.containsKey("command")) {
      nodes.wrong(service.at(), path.field("command"), "is missing");
    }
    Map<String, String> variables = new LinkedHashMap<>();
    optional(fields, "env_file", path, environment::files).ifPresent(variables::putAll);
    optional(fields, "environment", path, environment::environment).ifPresent(variables::putAll);
    int replicas = optional(fields, "deploy", path, this::replicas).orElse(1);
    return new Service(
        service.key(),
        optional(fields, "command", path, this::command).orElse(List.of()),
        optional(fields, "working_dir", path, this::workingDir).orElse(folder),
        variables,
        optional(fields, "ports", path, (node, at) -> ports.read(node, at, replicas))
            .orElse(List.of()),
        optional(fields, "depends_on", path, this::dependsOn).orElse(Map.of()),
        optional(
                fields, "restart", path, (node, at) -> nodes.parsed(node, at, RestartPolicy::parse))
            .orElse(RestartPolicy.NO),
        optional(
                fields,
                "stop_grace_period",
                path,
                (node, at) -> nodes.parsed(node, at, Durations::parse))
            .orElse(Duration.ofSeconds(10)),
        replicas);
  }

  private @Nullable Path workingDir(YamlNode node, FieldPath path) {
    String text = nodes.text(node, path);
    Path dir = text == null ? folder : folder.resolve(text);
    if (!Files.isDirectory(dir)) {
      nodes.wrong(node.at(), path, dir + " is not a folder");
    }
    return dir;
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

  private @Nullable List<String> command(YamlNode node, FieldPath path) {
    List<String> words =
        node instanceof YamlNode.Sequence
            ? nodes.texts(node, path)
            : nodes.parsed(node, path, ShellWords::split);
    if (words != null && words.isEmpty()) {
      nodes.wrong(node.at(), path, "has no word");
    }
    return words;
  }

  private Map<String, Service.Condition> dependsOn(YamlNode node, FieldPath path) {
    Map<String, Service.Condition> conditions = new LinkedHashMap<>();
    if (node instanceof YamlNode.Sequence) {
      nodes.texts(node, path).forEach(name -> conditions.put(name, Service.Condition.HEALTHY));
      return conditions;
    }
    for (YamlNode.Entry entry : nodes.entries(node, path)) {
      FieldPath service = path.field(entry.key());
      Service.Condition condition = Service.Condition.HEALTHY;
      for (YamlNode.Entry field : nodes.entries(entry.value(), service)) {
        if (field.key().equals("condition")) {
          Service.Condition said =
              nodes.parsed(field.value(), service.field("condition"), ProjectReader::condition);
          condition = said == null ? condition : said;
        } else {
          nodes.unknown(field, service.field(field.key()), List.of("condition"));
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
      case "service_completed_successfully" -> Service.Condition.COMPLETED;
      default ->
          throw new IllegalArgumentException(
              "\""
                  + text
                  + "\" is not one of service_started, service_healthy and"
                  + " service_completed_successfully");
    };
  }

  private @Nullable Integer replicas(YamlNode node, FieldPath path) {
    Integer replicas = null;
    for (YamlNode.Entry entry : nodes.entries(node, path)) {
      FieldPath field = path.field(entry.key());
      if (entry.key().equals("replicas")) {
        replicas = nodes.parsed(entry.value(), field, ProjectReader::count);
      } else {
        nodes.unknown(entry, field, List.of("replicas"));
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
