package dev.weir.sidecar.mutants;

import com.google.protobuf.MessageOrBuilder;
import dev.weir.protos.TypeRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassDefinition;
import java.util.Locale;
import java.util.Objects;

/**
 * The class of a message's builder, changed to do something first whenever it builds. All messages,
 * read from YAML, from bytes or made by a test, are built by it.
 */
final class BuilderClass {
  private static final ClassDesc RECORDER = FieldRecorder.class.describeConstable().orElseThrow();
  private static final ClassDesc MESSAGE_OR_BUILDER =
      MessageOrBuilder.class.describeConstable().orElseThrow();

  private final Class<?> type;
  private final ClassDesc name;

  /**
   * @param message its full name
   */
  BuilderClass(String message) {
    type =
        TypeRegistry.prototype(TypeRegistry.PREFIX + message)
            .orElseThrow(() -> new IllegalArgumentException(message))
            .newBuilderForType()
            .getClass();
    name = type.describeConstable().orElseThrow();
  }

  /** As it is. */
  ClassDefinition unchanged() {
    return new ClassDefinition(type, bytes());
  }

  /** One that tells {@link FieldRecorder} which fields are set. */
  ClassDefinition recording() {
    return changed(code ->
        code.aload(0)
            .invokestatic(
                RECORDER,
                "building",
                MethodTypeDesc.of(ConstantDescs.CD_void, MESSAGE_OR_BUILDER)));
  }

  /** One that builds messages without {@code field}. */
  ClassDefinition without(String field) {
    return changed(code ->
        code.aload(0)
            .invokevirtual(name, "clear" + camelCase(field), MethodTypeDesc.of(name))
            .pop());
  }

  private interface First {
    void emit(CodeBuilder code);
  }

  private ClassDefinition changed(First first) {
    ClassFile classFile = ClassFile.of();
    return new ClassDefinition(
        type,
        classFile.transformClass(
            classFile.parse(bytes()),
            ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString("buildPartial"), before(first))));
  }

  private byte[] bytes() {
    String file = type.getName().replace('.', '/') + ".class";
    try (InputStream in =
        Objects.requireNonNull(type.getClassLoader().getResourceAsStream(file), file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CodeTransform before(First first) {
    return new CodeTransform() {
      @Override
      public void atStart(CodeBuilder code) {
        first.emit(code);
      }

      @Override
      public void accept(CodeBuilder code, CodeElement element) {
        code.with(element);
      }
    };
  }

  /** As the compiler of protobuf names methods: a letter behind anything else is a capital. */
  static String camelCase(String field) {
    StringBuilder name = new StringBuilder();
    boolean capital = true;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (Character.isLetter(c)) {
        name.append(capital ? String.valueOf(c).toUpperCase(Locale.ROOT) : String.valueOf(c));
        capital = false;
      } else {
        if (Character.isDigit(c)) {
          name.append(c);
        }
        capital = true;
      }
    }
    return name.toString();
  }
}
