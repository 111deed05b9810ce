package dev.weir.protos.convert;

import com.google.protobuf.Message;
import dev.weir.protos.Problem;
import java.util.List;

/** A message, whole if there are no problems, else as far as it could be read. */
public record Converted<T extends Message>(T message, List<Problem> problems) {
  public Converted {
    problems = List.copyOf(problems);
  }
}
