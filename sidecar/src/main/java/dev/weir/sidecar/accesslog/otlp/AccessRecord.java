package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.trace.TraceHeaders;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record as the SDK's exporters take it. As Envoy's it has no severity. */
record AccessRecord(
    Resource resource,
    InstrumentationScopeInfo scope,
    long epochNanos,
    SpanContext context,
    @Nullable Value<?> body,
    Attributes attributes)
    implements LogRecordData {
  static AccessRecord of(Entry entry, Resource resource, InstrumentationScopeInfo scope) {
    Iterator<String> texts = entry.texts().iterator();
    Value<?> body = entry.of().body().<Value<?>>map(value -> value(value, texts)).orElse(null);
    AttributesBuilder attributes = Attributes.builder();
    for (AccessLog.Value.Field field : entry.of().attributes().fields()) {
      switch (field.value()) {
        case AccessLog.Value.Template _ -> attributes.put(field.name(), texts.next());
        case AccessLog.Value.Literal _, AccessLog.Value.Struct _, AccessLog.Value.Items _ ->
            attributes.put(AttributeKey.valueKey(field.name()), value(field.value(), texts));
      }
    }
    for (int i = 0; i < entry.tags().size(); i += 2) {
      attributes.put(entry.tags().get(i), entry.tags().get(i + 1));
    }
    return new AccessRecord(
        resource, scope, entry.epochNanos(), context(entry), body, attributes.build());
  }

  private static SpanContext context(Entry entry) {
    TraceHeaders.Ids ids = entry.ids();
    return ids == null
        ? SpanContext.getInvalid()
        : SpanContext.create(
            ids.traceId(),
            ids.spanId(),
            entry.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
            TraceState.getDefault());
  }

  /** As {@link RecordTemplate} has gone through it. */
  private static Value<?> value(AccessLog.Value value, Iterator<String> texts) {
    return switch (value) {
      case AccessLog.Value.Template _ -> Value.of(texts.next());
      case AccessLog.Value.Literal(String json) -> Value.of(json);
      case AccessLog.Value.Struct(List<AccessLog.Value.Field> fields) -> {
        Map<String, Value<?>> made = new LinkedHashMap<>();
        for (AccessLog.Value.Field field : fields) {
          made.put(field.name(), value(field.value(), texts));
        }
        yield Value.of(made);
      }
      case AccessLog.Value.Items(List<AccessLog.Value> items) -> {
        List<Value<?>> made = new ArrayList<>();
        for (AccessLog.Value item : items) {
          made.add(value(item, texts));
        }
        yield Value.of(made);
      }
    };
  }

  @Override
  public Resource getResource() {
    return resource;
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return scope;
  }

  @Override
  public long getTimestampEpochNanos() {
    return epochNanos;
  }

  @Override
  public long getObservedTimestampEpochNanos() {
    return 0;
  }

  @Override
  public SpanContext getSpanContext() {
    return context;
  }

  @Override
  public Severity getSeverity() {
    return Severity.UNDEFINED_SEVERITY_NUMBER;
  }

  @Override
  public @Nullable String getSeverityText() {
    return null;
  }

  @Override
  @Deprecated
  @SuppressWarnings("deprecation") // the interface asks for it
  public io.opentelemetry.sdk.logs.data.Body getBody() {
    return body == null
        ? io.opentelemetry.sdk.logs.data.Body.empty()
        : io.opentelemetry.sdk.logs.data.Body.string(body.asString());
  }

  @Override
  public @Nullable Value<?> getBodyValue() {
    return body;
  }

  @Override
  public Attributes getAttributes() {
    return attributes;
  }

  @Override
  public int getTotalAttributeCount() {
    return attributes.size();
  }
}
