package dev.weir.sidecar.authz;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import dev.weir.sidecar.filter.http.extauthz.CheckMessages;
import dev.weir.sidecar.filter.http.extauthz.Decision;
import dev.weir.sidecar.filter.http.extauthz.Decision.Change;
import dev.weir.sidecar.filter.http.extauthz.Decision.How;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.Question;
import dev.weir.sidecar.http.FieldText;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@link CheckMessages} by the classes made of Envoy's protos. */
public final class ProtoCheckMessages implements CheckMessages {
  private static final int FORBIDDEN = 403;
  private static final int LEAST_STATUS = 200;
  private static final int MOST_STATUS = 599;

  @Override
  public byte[] request(Question question) {
    return CheckRequest.newBuilder().setAttributes(Attributes.of(question)).build().toByteArray();
  }

  @Override
  public Decision decision(byte[] response) {
    CheckResponse message;
    try {
      message = CheckResponse.parseFrom(response);
    } catch (InvalidProtocolBufferException e) {
      return new Decision.Failed(false, "the answer is no CheckResponse");
    }
    return message.getStatus().getCode() == 0 ? allowed(message) : denied(message);
  }

  @SuppressWarnings("deprecation") // the older place is still used, and comes first
  private static Decision allowed(CheckResponse message) {
    OkHttpResponse ok = message.getOkResponse();
    List<Change> request = new ArrayList<>();
    for (HeaderValueOption option : ok.getHeadersList()) {
      request.add(change(option, How.APPEND));
    }
    List<Change> response = new ArrayList<>();
    for (HeaderValueOption option : ok.getResponseHeadersToAddList()) {
      response.add(change(option, How.ADD));
    }
    return new Decision.Allowed(
        request,
        ok.getHeadersToRemoveList().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList(),
        response,
        ok.getQueryParametersToSetList().stream()
            .map(each -> new Field(each.getKey(), each.getValue()))
            .toList(),
        List.copyOf(ok.getQueryParametersToRemoveList()),
        metadata(ok.hasDynamicMetadata() ? ok.getDynamicMetadata() : message.getDynamicMetadata()));
  }

  /**
   * {@code append} is false unless it is set, as the message's own documentation says, whatever the
   * default of {@code append_action}.
   *
   * @param appended what {@code append} does here
   */
  @SuppressWarnings("deprecation") // append is what most servers send
  private static Change change(HeaderValueOption option, How appended) {
    How how =
        option.hasAppend()
            ? option.getAppend().getValue() ? appended : How.SET
            : switch (option.getAppendAction()) {
              case ADD_IF_ABSENT -> How.ADD_IF_ABSENT;
              case OVERWRITE_IF_EXISTS -> How.SET_IF_PRESENT;
              case APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD, UNRECOGNIZED -> How.SET;
            };
    return new Change(
        how, option.getHeader().getKey().toLowerCase(Locale.ROOT), value(option.getHeader()));
  }

  private static String value(HeaderValue header) {
    return header.getRawValue().isEmpty()
        ? FieldText.encoded(header.getValue())
        : header.getRawValue().toString(StandardCharsets.ISO_8859_1);
  }

  private static Decision denied(CheckResponse message) {
    DeniedHttpResponse denied = message.getDeniedResponse();
    int code = denied.getStatus().getCodeValue();
    List<Field> headers = new ArrayList<>();
    for (HeaderValueOption option : denied.getHeadersList()) {
      headers.add(
          new Field(
              option.getHeader().getKey().toLowerCase(Locale.ROOT), value(option.getHeader())));
    }
    return new Decision.Denied(
        code < LEAST_STATUS || code > MOST_STATUS ? FORBIDDEN : code,
        headers,
        denied.getBody(),
        metadata(message.getDynamicMetadata()));
  }

  private static Map<String, Object> metadata(Struct struct) {
    return struct.getFieldsCount() == 0 ? Map.of() : Structs.toMap(struct);
  }
}
