package dev.weir.protos.yaml;

import dev.weir.protos.Problem;
import java.util.List;

/**
 * What a file holds: a root node for each document that could be read, empty documents left out,
 * and what was wrong. The first problem ends the reading, so {@code documents} are those before it.
 */
public record YamlFile(String name, List<YamlNode> documents, List<Problem> problems) {
  public YamlFile {
    documents = List.copyOf(documents);
    problems = List.copyOf(problems);
  }
}
