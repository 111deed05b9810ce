package dev.weir.sidecar.filter.http.jwtauthn;

import com.nimbusds.jose.util.JSONArrayUtils;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Claims that are no plain values, as text. */
final class Json {
  private Json() {}

  static String write(Map<?, ?> object) {
    Map<String, Object> named = new HashMap<>();
    object.forEach((key, value) -> named.put(String.valueOf(key), value));
    return JSONObjectUtils.toJSONString(named);
  }

  static String write(List<?> array) {
    return JSONArrayUtils.toJSONString(new ArrayList<>(array));
  }
}
