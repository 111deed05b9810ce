# The programs' AOT caches: their classes, loaded and linked by a short training run of both (JEP 483, 514). They halve
# the time to start. What the compiler learned in it stays out: docs/decisions.md. Sourced by ./weir, which sets home and
# jvm and has jar, and by the images' build, which has some of this otherwise.
#
# A cache fits one JDK and one build. One that does not fit is passed over, which costs a slow start and nothing else.

aot_cache() {
  echo "$(programs)/$1.aot"
}

# The java that runs module $1.
aot_java() {
  echo "$JAVA_HOME/bin/java"
}

# Sets the array aot to what java needs to use the cache of module $1, if there is one.
aot_options() {
  aot=()
  # At the address that it was made for: it stays shared, and is not copied to be moved.
  [ ! -r "$(aot_cache "$1")" ] || aot=(-XX:AOTCache="$(aot_cache "$1")" "-Xlog:aot*=off"
    -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0)
}

# Trains both programs, against each other: a control plane on the example, a sidecar that it certifies, that streams
# from it and passes requests on to itself, by HTTP/1.1 and by HTTP/2 in mutual TLS, with the policies and the access log
# that a mesh has.
aot_train() {
  local work status=0
  work=$(mktemp -d "${TMPDIR:-/tmp}/weir-aot.XXXXXX")
  (aot_train_in "$work") >"$work/log" 2>&1 || status=$?
  if [ $status = 0 ]; then
    mv "$work/control-plane.aot" "$(aot_cache control-plane)" && mv "$work/sidecar.aot" "$(aot_cache sidecar)"
  else
    echo "weir: the programs start without AOT caches: $(tail -n 1 "$work/log")" >&2
  fi
  rm -rf "$work"
}

aot_train_in() {
  local work=$1 ads in trained=()
  trap 'kill "${trained[@]}" 2>/dev/null || true' EXIT
  aot_program control-plane dev.weir.control.Main --config "$home/examples/shop" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --state "$work/state" \
    --ca "$work/ca" --token-key "$work/token-key.pem"
  ads=$(aot_port control-plane "ADS on")
  "$JAVA_HOME/bin/java" "${jvm[@]}" -cp "$(jar sidecar)" dev.weir.sidecar.token.Main --key "$work/token-key.pem" shop/frontend >"$work/token"
  aot_bootstrap "$ads" >"$work/bootstrap.yaml"
  aot_program sidecar dev.weir.sidecar.Main -c "$work/bootstrap.yaml" --concurrency 1 --last-good "$work/last-good"
  in=$(aot_port sidecar "listener in:")
  aot_requests "$in" /h1
  aot_requests "$in" /h2
  kill "${trained[@]}"
  wait "${trained[@]}" || true
  [ -s "$work/control-plane.aot" ] && [ -s "$work/sidecar.aot" ]
}

# Starts module $1's class $2; its cache is written when it ends.
aot_program() {
  local module=$1 class=$2 collector=()
  shift 2
  collector_of "$module" "${jvm[@]}"
  "$(aot_java "$module")" "${collector[@]}" "${jvm[@]}" -Xlog:aot*=off -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining \
    -XX:AOTCacheOutput="$work/$module.aot" -cp "$(jar "$module")" "$class" "$@" >"$work/$module.out" 2>&1 &
  trained+=($!)
}

# The port in $1's line that begins, after its name, with $2.
aot_port() {
  local tries=0
  until grep -q "$2 127.0.0.1:" "$work/$1.out"; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ]; then
      echo "no \"$2\" from $1"
      exit 1
    fi
    sleep 0.05
  done
  sed -n "s/.*$2 127.0.0.1:\([0-9]*\).*/\1/p" "$work/$1.out" | head -n 1
}

# 800 requests for $2 at port $1, one behind the other on one connection; now and then one that a policy refuses.
aot_requests() {
  local request=$'GET '$2$' HTTP/1.1\r\nHost: shop\r\nUser-Agent: training\r\nAccept: */*\r\n' i
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  cat <&3 >/dev/null &
  for ((i = 0; i < 800; i++)); do
    [ $((i % 50)) != 0 ] || printf 'GET /limited HTTP/1.1\r\nHost: shop\r\n\r\n'
    printf '%s\r\n' "$request"
  done >&3
  printf '%sConnection: close\r\n\r\n' "$request" >&3
  exec 3>&-
  wait $!
}

aot_bootstrap() {
  cat <<YAML
node:
  id: training
  cluster: frontend
  metadata: {WEIR_SERVICE: frontend, WEIR_NAMESPACE: shop, WEIR_ADDRESS: 127.0.0.1, WEIR_MARK: 0, WEIR_INBOUND_PORT: 0, WEIR_OUTBOUND_PORT: 0}
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
dynamic_resources:
  ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
  lds_config: {ads: {}, resource_api_version: V3}
  cds_config: {ads: {}, resource_api_version: V3}
bootstrap_extensions:
- name: weir.bootstrap.identity
  typed_config: {"@type": type.googleapis.com/weir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity, ca_cluster: ca,
    spiffe_id: spiffe://cluster.local/ns/shop/sa/frontend, root_file: $work/ca/root-cert.pem, token_file: $work/token}
static_resources:
  listeners:
$(aot_listener in "{socket_address: {address: 127.0.0.1, port_value: 0}}" \
    "[{match: {prefix: /limited}, route: {cluster: self-h1}, typed_per_filter_config: {limit: $(aot_limit 1)}},
      {match: {prefix: /h2}, route: {cluster: self-h2, retry_policy: {retry_on: 5xx}}},
      {match: {prefix: /}, route: {cluster: self-h1, timeout: 5s, retry_policy: {retry_on: 5xx, per_try_timeout: 1s}}}]")
$(aot_listener self "{pipe: {path: $work/self}}" \
    "[{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: hello}}}]")
$(aot_listener mutual "{pipe: {path: $work/mutual}}" \
    "[{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: hello}}}]" \
    "$(aot_tls DownstreamTlsContext "tls_certificate_sds_secret_configs: [{name: default}], " ", require_client_certificate: true")")
  clusters:
  - {name: ca, http2_protocol_options: {}, transport_socket: $(aot_tls UpstreamTlsContext), load_assignment: $(aot_endpoint ca "{socket_address: {address: 127.0.0.1, port_value: $1}}")}
  - {name: xds, http2_protocol_options: {}, transport_socket: $(aot_tls UpstreamTlsContext "tls_certificate_sds_secret_configs: [{name: default}], "),
     load_assignment: $(aot_endpoint xds "{socket_address: {address: 127.0.0.1, port_value: $1}}")}
  - {name: self-h1, outlier_detection: {}, typed_extension_protocol_options: {$(aot_breaker http_protocol_options)},
     load_assignment: $(aot_endpoint self-h1 "{pipe: {path: $work/self}}")}
  - {name: self-h2, outlier_detection: {}, transport_socket: $(aot_tls UpstreamTlsContext "tls_certificate_sds_secret_configs: [{name: default}], "), typed_extension_protocol_options: {$(aot_breaker http2_protocol_options)},
     load_assignment: $(aot_endpoint self-h2 "{pipe: {path: $work/mutual}}")}
YAML
}

# TLS of kind $1, which shows $2 and has $3 beside it.
aot_tls() {
  echo "{name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.$1, common_tls_context: {" \
    "${2:-}alpn_protocols: [h2], validation_context_sds_secret_config: {name: ROOTCA}}${3:-}}}"
}

# A local rate limit of $1 a second.
aot_limit() {
  echo "{\"@type\": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: limit," \
    "token_bucket: {max_tokens: $1, tokens_per_fill: $1, fill_interval: 1s}," \
    "filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 100}}}"
}

# The options of a cluster that is called by $1, behind a circuit breaker.
aot_breaker() {
  local type=type.googleapis.com
  echo "envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {\"@type\":" \
    "$type/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: {$1: {}}, http_filters: [" \
    "{name: breaker, typed_config: {\"@type\": $type/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker," \
    "policy: shop/training, consecutive_failures: 100, open_for: 1s}}," \
    "{name: codec, typed_config: {\"@type\": $type/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}]}"
}

aot_endpoint() {
  echo "{cluster_name: $1, endpoints: [{lb_endpoints: [{endpoint: {address: $2}}]}]}"
}

# Listener $1 at $2 with routes $3, in plain text or by the transport socket $4.
aot_listener() {
  cat <<YAML
  - name: $1
    address: $2
    filter_chains:
    - ${4:+transport_socket: $4
      }filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: $1
          access_log:
          - name: file
            typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /dev/null, log_format: {json_format: {at: "%START_TIME%", method: "%REQ(:METHOD)%", path: "%REQ(:PATH)%", code: "%RESPONSE_CODE%", flags: "%RESPONSE_FLAGS%", ms: "%DURATION%", to: "%UPSTREAM_HOST%"}}}
          route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: $3}]}
          http_filters:
          - {name: limit, typed_config: $(aot_limit 1000000)}
          - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
YAML
}
