package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.AccessLog.Value;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.format.Template;
import dev.weir.sidecar.http.StreamInfo;
import java.util.ArrayList;
import java.util.List;

/** The templates of a record's body and attributes, compiled, in the order in which they stand. */
final class RecordTemplate {
  /** Bytes of one text; a client chooses how long a path is. */
  private static final int MOST_TEXT = 4 << 10;

  private final List<Template> templates = new ArrayList<>();

  /**
   * @throws IllegalArgumentException as {@link Template#compile}
   */
  RecordTemplate(AccessLog.Otlp config) {
    config.body().ifPresent(this::compile);
    compile(config.attributes());
  }

  private void compile(Value value) {
    switch (value) {
      case Value.Template(String text) -> templates.add(Template.compile(text));
      case Value.Literal _ -> {}
      case Value.Struct(List<Value.Field> fields) ->
          fields.forEach(field -> compile(field.value()));
      case Value.Items(List<Value> items) -> items.forEach(this::compile);
    }
  }

  /** What each template says of a stream. Its event loop. */
  List<String> texts(StreamInfo info, ByteSink scratch) {
    String[] texts = new String[templates.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = templates.get(i).text(info, MOST_TEXT, scratch);
    }
    return List.of(texts);
  }
}
