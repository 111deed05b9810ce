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
import dev.weir.protos.yaml.TextFile;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.cluster.Cluster;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads a bootstrap as Envoy takes it. */
public final class BootstrapLoader {
  private final FieldPolicy policy;
  private final ResourceCheck check;

  /**
   * @param check whether what was read can be put in force
   */
  public BootstrapLoader(FieldPolicy policy, ResourceCheck check) {
    this.policy = policy;
    this.check = check;
  }

  public Loaded load(Path file) {
    try {
      return read(file.toString(), TextFile.read(file));
    } catch (NoSuchFileException e) {
      return unreadable(file, "there is no such file");
    } catch (AccessDeniedException e) {
      return unreadable(file, "permission to read it is denied");
    } catch (TextFile.NotUtf8 e) {
      Location at = new Location(file.toString(), e.line(), 1);
      return new Loaded.Rejected(List.of(new Problem(at, "", "it is not UTF-8 text")));
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
      Map<String, Cluster> clusters = new HashMap<>();
      bootstrap.clusters().forEach(cluster -> clusters.put(cluster.name(), cluster));
      unfit(
          root,
          "listeners",
          bootstrap.listeners(),
          listener -> check.listener(listener, name -> Optional.ofNullable(clusters.get(name))),
          problems);
      unfit(root, "clusters", bootstrap.clusters(), check::cluster, problems);
      unfit(root, "secrets", bootstrap.secrets(), check::secret, problems);
    }
    if (!problems.isEmpty()) {
      return new Loaded.Rejected(problems);
    }
    return policy == FieldPolicy.REJECT && !unhonoured.isEmpty()
        ? new Loaded.Rejected(unhonoured)
        : new Loaded.Accepted(bootstrap, proto, unhonoured);
  }

  private static <T> void unfit(
      YamlNode root,
      String field,
      List<T> resources,
      Function<T, Parsed<T>> check,
      List<Problem> into) {
    for (int i = 0; i < resources.size(); i++) {
      if (check.apply(resources.get(i)) instanceof Parsed.Rejected<T>(String at, String reason)) {
        into.add(problem(root, "static_resources." + field + "[" + i + "]." + at, reason));
      }
    }
  }

  /** Those are held to their rules one by one, as they are parsed. */
  private static Bootstrap withoutResources(Bootstrap proto) {
    Bootstrap.Builder own = proto.toBuilder();
    own.getStaticResourcesBuilder().clearListeners().clearClusters().clearSecrets();
    return own.build();
  }

  private static Problem problem(YamlNode root, String path, String message) {
    return new Problem(Locator.find(root, path), path, message);
  }
}
