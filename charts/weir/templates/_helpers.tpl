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

{{/* Words for the control plane's JVM behind those of its image: the heap's size says which collector is to be used, and
the image's own is taken back where there is another. */}}
{{- define "weir.javaOptions" -}}
{{- $named := false }}
{{- $most := 0 }}
{{- $units := dict "" 1 "k" 1024 "m" 1048576 "g" 1073741824 "t" 1099511627776 }}
{{- range .Values.controlPlane.javaOptions }}
{{- if regexMatch "^-XX:[+]Use(Serial|Parallel|G1|Z|Shenandoah|Epsilon)GC$" . }}
{{- $named = true }}
{{- else if regexMatch "^(-Xmx|-XX:MaxHeapSize=)[0-9]+[kKmMgGtT]?$" . }}
{{- $most = mul (regexFind "[0-9]+" . | int64) (index $units (regexFind "[kKmMgGtT]$" . | lower)) }}
{{- end }}
{{- end }}
{{- if $named }}-XX:-UseSerialGC {{ else if ge $most 1073741824 }}-XX:-UseSerialGC -XX:+UseG1GC {{ end }}
{{- join " " .Values.controlPlane.javaOptions }}
{{- end }}

{{/* A quantity as a number. */}}
{{- define "weir.amount" -}}
{{- $units := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 }}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[A-Za-z]*$" .) | float64) }}
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
