// Answers each request with what it was asked, as JSON: echo [PORT]. GET /status/CODE has that status.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func answer(writer http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	status := http.StatusOK
	if code, err := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/status/")); err == nil {
		status = code
	}
	host, _ := os.Hostname()
	headers := map[string]string{"host": request.Host}
	for name, values := range request.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	writer.Header().Set("content-type", "application/json")
	writer.WriteHeader(status)
	json.NewEncoder(writer).Encode(map[string]any{
		"app": "go", "host": host, "method": request.Method, "path": request.RequestURI,
		"headers": headers, "body": string(body),
	})
}

func main() {
	port := "8080"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	log.Fatal(http.ListenAndServe(":"+port, http.HandlerFunc(answer)))
}
