package dev.weir.cli.mesh;

import dev.weir.cli.story.Sidecars;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The sidecars of the members of a folder's mesh.
 *
 * @param config the folder, for people
 * @param only of this service or instance; empty: of all
 */
public record FolderSidecars(Path config, MeshFolder mesh, Optional<String> only)
    implements Sidecars {
  private List<MeshFolder.Member> members() throws IOException {
    return mesh.members().stream()
        .filter(member ->
            only.isEmpty() || member.name().matches(Pattern.quote(only.get()) + "(-[0-9]+)?"))
        .toList();
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = members().stream().map(MeshFolder.Member::name).toList();
    if (names.isEmpty()) {
      throw new IOException(
          "no %s runs in the mesh of %s"
              .formatted(only.map(name -> "instance of " + name).orElse("member"), config));
    }
    return names;
  }

  @Override
  public String page(String name, String path) throws IOException {
    for (MeshFolder.Member member : members()) {
      if (member.name().equals(name)) {
        return member.admin(path);
      }
    }
    throw new IOException("it has ended");
  }
}
