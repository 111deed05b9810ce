package dev.weir.sidecar.http.h1;

/**
 * Why a message is refused: the status a client is answered with, and words for the access log's
 * response code details, Envoy's where it tells as much.
 */
record Malformed(int status, String details) {
  static final Malformed BARE_CR_OR_LF = new Malformed(400, "http1.bare_cr_or_lf");
  static final Malformed OBS_FOLD = new Malformed(400, "http1.obs_fold");
  static final Malformed START_LINE = new Malformed(400, "http1.invalid_start_line");
  static final Malformed TARGET = new Malformed(400, "http1.invalid_target");
  static final Malformed VERSION = new Malformed(505, "http1.unsupported_version");
  static final Malformed CONNECT = new Malformed(501, "http1.connect_not_supported");
  static final Malformed FIELD_NAME = new Malformed(400, "http1.invalid_field_name");
  static final Malformed FIELD_VALUE = new Malformed(400, "http1.invalid_characters");
  static final Malformed HOST = new Malformed(400, "http.invalid_authority");
  static final Malformed NO_HOST = new Malformed(400, "missing_host_header");
  static final Malformed CONTENT_LENGTH = new Malformed(400, "http1.invalid_content_length");
  static final Malformed LENGTH_AND_CODING =
      new Malformed(400, "http1.content_length_and_chunked_not_allowed");
  static final Malformed CODING_OF_HTTP10 =
      new Malformed(400, "http1.transfer_encoding_not_allowed");
  static final Malformed CODING = new Malformed(501, "http1.invalid_transfer_encoding");
  static final Malformed CODING_TWICE = new Malformed(400, "http1.transfer_encoding_twice");
  static final Malformed HEAD_TOO_LARGE = new Malformed(431, "http1.headers_too_large");
  static final Malformed TOO_MANY_FIELDS = new Malformed(431, "http1.too_many_headers");
  static final Malformed CHUNK = new Malformed(400, "http1.invalid_chunk");
  static final Malformed NOMINATED = new Malformed(400, "http1.too_many_connection_options");
}
