// Answers each request with what it was asked, as JSON: echo [PORT]. GET /status/CODE has that status. Told to stop, it
// answers what is under way. Or asks others: echo load URL RATE SECONDS.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
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
	if port == "load" {
		load(os.Args[2:])
		return
	}
	server := &http.Server{Addr: ":" + port, Handler: http.HandlerFunc(answer)}
	told, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer forget()
	ended := make(chan struct{})
	go func() {
		<-told.Done()
		server.Shutdown(context.Background())
		close(ended)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-ended
}
