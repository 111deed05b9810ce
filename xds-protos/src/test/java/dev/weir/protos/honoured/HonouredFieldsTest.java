package dev.weir.protos.honoured;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.TypeRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HonouredFieldsTest {
  private static final Path PAGE = Path.of("../docs/xds-coverage.md");

  private final HonouredFields fields = HonouredFields.load();

  @Test
  void everyNameInTheListExists() {
    List<String> unknown = new ArrayList<>();
    fields
        .byMessage()
        .forEach((message, known) -> {
          Descriptor type = descriptor(message);
          known.honoured().stream()
              .filter(field -> type.findFieldByName(field) == null)
              .forEach(field -> unknown.add(message + "." + field));
          known.accepted().keySet().stream()
              .filter(
                  field -> type.findFieldByName(field) == null || known.honoured().contains(field))
              .forEach(field -> unknown.add(message + "." + field));
        });

    assertEquals(List.of(), unknown);
  }

  @Test
  void theMessageOfAnHonouredFieldIsListedToo() {
    List<String> missing = new ArrayList<>();
    fields
        .byMessage()
        .forEach((message, known) -> {
          for (String name : known.honoured()) {
            FieldDescriptor field = descriptor(message).findFieldByName(name);
            if (field.isMapField()) {
              field = field.getMessageType().findFieldByNumber(2);
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && !field.getMessageType().getFullName().startsWith("google.protobuf.")
                && fields.of(field.getMessageType().getFullName()).isEmpty()) {
              missing.add(message + "." + name);
            }
          }
        });

    assertEquals(List.of(), missing);
  }

  @Test
  void thePageIsCurrent() throws Exception {
    String page = CoveragePage.markdown(fields);
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
    }

    assertTrue(Files.exists(PAGE), "docs/xds-coverage.md is missing: run with -Dgolden.update");
    assertEquals(Files.readString(PAGE), page, "run with -Dgolden.update and read the diff");
  }

  private static Descriptor descriptor(String message) {
    return TypeRegistry.prototype(TypeRegistry.PREFIX + message)
        .map(Message::getDescriptorForType)
        .orElseThrow(() -> new AssertionError("no message " + message));
  }
}
