{{- define "weir.image" -}}
{{ .root.Values.registry }}{{ .name }}:{{ .root.Values.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* What is there once for each revision has it in its name. */}}
{{- define "weir.suffix" -}}
{{- with .Values.revision }}-{{ . }}{{ end }}
{{- end }}

{{- define "weir.controlPlane" -}}
weir-control-plane{{ include "weir.suffix" . }}
{{- end }}

{{- define "weir.labels" -}}
app.kubernetes.io/name: weir-control-plane
{{ include "weir.common" . }}
{{- end }}

{{- define "weir.common" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: weir
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- with .Values.revision }}
weir.dev/rev: {{ . }}
{{- end }}
{{- end }}

{{- define "weir.cni.labels" -}}
app.kubernetes.io/name: weir-cni
{{ include "weir.common" . }}
{{- end }}

{{- define "weir.selector" -}}
app.kubernetes.io/name: weir-control-plane
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
