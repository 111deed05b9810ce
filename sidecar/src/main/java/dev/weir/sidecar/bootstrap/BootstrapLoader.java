package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.protos.honoured.FieldValidator;
import dev.weir.protos.honoured.HonouredFields;
import dev.weir.protos.rules.RuleValidator;
import dev.weir.protos.rules.Violation;
import dev.weir.protos.yaml.Locator;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads a bootstrap as Envoy takes it. */
public final class BootstrapLoader {
  private final FieldPolicy policy;
  private final Function<Listener, Parsed<Listener>> compile;
  private final Function<Cluster, Parsed<Cluster>> compileCluster;

  /**
   * @param compile whether a listener that was read can be put in force
   * @param compileCluster whether a cluster can
   */
  public BootstrapLoader(
      FieldPolicy policy,
      Function<Listener, Parsed<Listener>> compile,
      Function<Cluster, Parsed<Cluster>> compileCluster) {
    this.policy = policy;
    this.compile = compile;
    this.compileCluster = compileCluster;
  }

  public Loaded load(Path file) {
    try {
      return read(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      return unreadable(file, "there is no such file");
    } catch (AccessDeniedException e) {
      return unreadable(file, "permission to read it is denied");
    } catch (MalformedInputException e) {
      return new Loaded.Rejected(List.of(problem(file, "it is not UTF-8 text")));
    } catch (IOException e) {
      return unreadable(file, "it cannot be read: " + e.getMessage());
    }
  }

  private static Loaded unreadable(Path file, String why) {
    return new Loaded.Unreadable(problem(file, why));
  }

  private static Problem problem(Path file, String why) {
    return new Problem(Location.of(file.toString()), "", why);
  }

  /** {@code name} is what problems call the file. */
  public Loaded read(String name, String text) {
    YamlFile file = YamlReader.read(name, text);
    if (!file.problems().isEmpty()) {
      return new Loaded.Rejected(file.problems());
    }
    if (file.documents().size() != 1) {
      String message =
          file.documents().isEmpty() ? "it is empty" : "it must be one YAML document, not several";
      return new Loaded.Rejected(List.of(new Problem(Location.of(name), "", message)));
    }
    YamlNode root = file.documents().getFirst();
    Converted<Bootstrap> converted = ProtoReader.read(root, Bootstrap.getDefaultInstance());
    return converted.problems().isEmpty()
        ? parse(root, converted.message())
        : new Loaded.Rejected(converted.problems());
  }

  private Loaded parse(YamlNode root, Bootstrap proto) {
    Optional<Violation> violation = new RuleValidator().validate(withoutResources(proto));
    if (violation.isPresent()) {
      return new Loaded.Rejected(
          List.of(problem(root, violation.get().path(), violation.get().reason())));
    }
    List<Problem> unhonoured =
        policy == FieldPolicy.IGNORE
            ? List.of()
            : new FieldValidator(HonouredFields.load())
                .validate(proto).stream()
                    .map(field -> problem(root, field.path(), field.reason()))
                    .toList();
    BootstrapParser parser = new BootstrapParser();
    dev.weir.sidecar.config.bootstrap.Bootstrap bootstrap = parser.parse(proto, FieldPath.ROOT);
    List<Problem> problems = new ArrayList<>();
    parser
        .rejected()
        .forEach(rejected -> problems.add(problem(root, rejected.field(), rejected.reason())));
    if (problems.isEmpty()) {
      for (int i = 0; i < bootstrap.listeners().size(); i++) {
        if (compile.apply(bootstrap.listeners().get(i))
            instanceof Parsed.Rejected<Listener>(String field, String reason)) {
          problems.add(problem(root, "static_resources.listeners[" + i + "]." + field, reason));
        }
      }
      for (int i = 0; i < bootstrap.clusters().size(); i++) {
        if (compileCluster.apply(bootstrap.clusters().get(i))
            instanceof Parsed.Rejected<Cluster>(String field, String reason)) {
          problems.add(problem(root, "static_resources.clusters[" + i + "]." + field, reason));
        }
      }
    }
    if (!problems.isEmpty()) {
      return new Loaded.Rejected(problems);
    }
    return policy == FieldPolicy.REJECT && !unhonoured.isEmpty()
        ? new Loaded.Rejected(unhonoured)
        : new Loaded.Accepted(bootstrap, proto, unhonoured);
  }

  /** Those are held to their rules one by one, as they are parsed. */
  private static Bootstrap withoutResources(Bootstrap proto) {
    Bootstrap.Builder own = proto.toBuilder();
    own.getStaticResourcesBuilder().clearListeners().clearClusters();
    return own.build();
  }

  private static Problem problem(YamlNode root, String path, String message) {
    return new Problem(Locator.find(root, path), path, message);
  }
}
