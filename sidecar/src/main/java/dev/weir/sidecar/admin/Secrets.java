package dev.weir.sidecar.admin;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.protos.TypeRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import udpa.annotations.Sensitive;

/**
 * Takes what must not be seen out of configuration that is shown, in whatever form, and says so in
 * its place: what Envoy's API marks as sensitive, and header fields that go with requests of the
 * sidecar's own. What cannot be looked into is not shown at all: the content of a type that is not
 * known, fields that a type does not know, bytes that are no message.
 */
final class Secrets {
  private static final String REDACTED = "[redacted]";

  /** Fields that are sensitive whether they are marked as such or only what is in them. */
  private static final Set<String> SENSITIVE =
      Set.of(
          "private_key",
          "password",
          "pkcs12",
          "session_ticket_keys",
          "access_token",
          "authorization_token",
          "google_refresh_token",
          "json_key");

  /** What else is marked as such: a struct, which may stand for any message, has no marks. */
  private static final Set<String> SENSITIVE_KEYS =
      Set.of(
          "backend_token",
          "context_extensions",
          "credential",
          "credentials",
          "keys",
          "secret",
          "secret_access_key",
          "secrets",
          "session_token",
          "token",
          "users");

  /** Lists of header fields that go with requests of the sidecar's own, tokens among them. */
  private static final Set<String> OWN_FIELDS = Set.of("initial_metadata", "grpc_initial_metadata");

  /** The same where they are a part of {@link #OWN_REQUESTS}: those of routes are shown. */
  private static final Set<String> FIELDS_OF_OWN_REQUESTS =
      Set.of("request_headers_to_add", "headers_to_add");

  private static final Set<String> OWN_REQUESTS =
      Set.of("http_service", "http_health_check", "tunneling_config");

  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

  /** Of a header field. */
  private static final Set<String> VALUES = Set.of("value", "raw_value");

  /** Where a secret is, and what it is called. */
  private static final Set<String> PLACES =
      Set.of("filename", "environment_variable", "environmentVariable", "path");

  /** Where bytes can be said as text. */
  private static final Map<String, String> AS_TEXT =
      Map.of("inline_bytes", "inline_string", "raw_value", "value");

  private Secrets() {}

  /** The very same where nothing is hidden. */
  static Any redacted(Any any) {
    Optional<Message> prototype = TypeRegistry.prototype(any.getTypeUrl());
    if (prototype.isEmpty()) {
      return typeAlone(any);
    }
    try {
      DynamicMessage message =
          DynamicMessage.parseFrom(TypeRegistry.descriptor(prototype.get()), any.getValue());
      Message shown = shown(message, false);
      return shown == message ? any : any.toBuilder().setValue(shown.toByteString()).build();
    } catch (InvalidProtocolBufferException e) {
      return typeAlone(any);
    }
  }

  /** As {@link #redacted(Any)}. */
  @SuppressWarnings("unchecked") // a message is changed by a builder of its own
  static <M extends Message> M redacted(M message) {
    return (M) shown(message, false);
  }

  private static Any typeAlone(Any any) {
    return any.getValue().isEmpty() ? any : any.toBuilder().clearValue().build();
  }

  /**
   * @param ofOwn it is a part of {@link #OWN_REQUESTS}
   */
  private static Message shown(Message message, boolean ofOwn) {
    Descriptor type = message.getDescriptorForType();
    if (type.equals(Any.getDescriptor())) {
      return any(message);
    }
    Message.Builder changed = null;
    if (!message.getUnknownFields().asMap().isEmpty()) {
      changed = message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    }
    String key = isEntryOfStruct(type) ? fieldName(text(message, "key")) : "";
    boolean hidesEntry = hides(key, ofOwn);
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      FieldDescriptor field = set.getKey();
      Object before = set.getValue();
      Object after =
          hidesEntry && field.getName().equals("value") || isSensitive(field)
              ? each(before, Secrets::hidden)
              : OWN_FIELDS.contains(field.getName())
                      || ofOwn && FIELDS_OF_OWN_REQUESTS.contains(field.getName())
                  ? each(before, value -> hidden(field, value, VALUES))
                  : each(
                      before,
                      value ->
                          value instanceof Message part
                              ? shown(
                                  part,
                                  ofOwn
                                      || OWN_REQUESTS.contains(field.getName())
                                      || OWN_REQUESTS.contains(key))
                              : value);
      if (after != before) {
        changed = changed == null ? message.toBuilder() : changed;
        set(changed, field, after);
      }
    }
    return changed == null ? message : changed.build();
  }

  /** One that is in another message. */
  private static Message any(Message message) {
    Any packed =
        Any.newBuilder()
            .setTypeUrl(text(message, "type_url"))
            .setValue(
                (ByteString)
                    message.getField(message.getDescriptorForType().findFieldByName("value")))
            .build();
    Any shown = redacted(packed);
    return shown == packed
        ? message
        : message.toBuilder()
            .setField(message.getDescriptorForType().findFieldByName("value"), shown.getValue())
            .build();
  }

  private static boolean isSensitive(FieldDescriptor field) {
    return SENSITIVE.contains(field.getName())
        || field.getOptions().getExtension(Sensitive.sensitive)
        || field.getOptions().getExtension(xds.annotations.v3.Sensitive.sensitive);
  }

  /** Of a configuration that is written as a struct, a key is a field's name. */
  private static boolean isEntryOfStruct(Descriptor type) {
    return type.getFullName().equals("google.protobuf.Struct.FieldsEntry");
  }

  /** It may be written as in JSON. */
  private static String fieldName(String key) {
    return CAPITAL.matcher(key).replaceAll(letter -> "_" + letter.group().toLowerCase(Locale.ROOT));
  }

  private static boolean hides(String key, boolean ofOwn) {
    return SENSITIVE.contains(key)
        || SENSITIVE_KEYS.contains(key)
        || OWN_FIELDS.contains(key)
        || ofOwn && FIELDS_OF_OWN_REQUESTS.contains(key);
  }

  private static String text(Message message, String field) {
    return (String) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  /** One value of a field, or each of its values. */
  private interface Change {
    Object of(Object value);
  }

  /** The very same where nothing is changed. */
  private static Object each(Object value, Change change) {
    if (!(value instanceof List<?> values)) {
      return change.of(value);
    }
    List<Object> all = new ArrayList<>(values.size());
    boolean changed = false;
    for (Object before : values) {
      Object after = change.of(before);
      changed |= after != before;
      all.add(after);
    }
    return changed ? all : value;
  }

  /** All texts and bytes of it, but {@link #PLACES}. */
  private static Object hidden(Object value) {
    return switch (value) {
      case Message message -> hidden(message, null);
      case String _ -> REDACTED;
      case ByteString _ -> ByteString.copyFromUtf8(REDACTED);
      default -> value;
    };
  }

  /**
   * @param names of the fields that are hidden; null: all but {@link #PLACES} and keys of maps
   */
  private static Object hidden(FieldDescriptor field, Object value, @Nullable Set<String> names) {
    boolean hides =
        names == null
            ? !PLACES.contains(field.getName()) && !isKey(field)
            : names.contains(field.getName());
    return value instanceof Message message
        ? hidden(message, names)
        : hides ? hidden(value) : value;
  }

  private static boolean isKey(FieldDescriptor field) {
    return field.getContainingType().getOptions().getMapEntry() && field.getName().equals("key");
  }

  private static Message hidden(Message message, @Nullable Set<String> names) {
    Descriptor type = message.getDescriptorForType();
    if (type.equals(Any.getDescriptor())) {
      return message.toBuilder().clearField(type.findFieldByName("value")).build();
    }
    if (isEntryOfStruct(type) && PLACES.contains(text(message, "key"))) {
      return message;
    }
    Message.Builder builder =
        message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      FieldDescriptor field = set.getKey();
      Object before = set.getValue();
      Object after = each(before, value -> hidden(field, value, names));
      if (after != before) {
        set(builder, field, after);
      }
    }
    return builder.build();
  }

  /** Bytes in words where there are words for them. */
  private static void set(Message.Builder builder, FieldDescriptor field, Object value) {
    String text = AS_TEXT.get(field.getName());
    FieldDescriptor sibling = text == null ? null : field.getContainingType().findFieldByName(text);
    if (value instanceof ByteString
        && sibling != null
        && sibling.getJavaType() == FieldDescriptor.JavaType.STRING) {
      builder.clearField(field).setField(sibling, REDACTED);
    } else {
      builder.setField(field, value);
    }
  }
}
