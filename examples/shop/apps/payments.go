// The shop's payments. It calls nobody, so there is no trace header to pass on.
// Run it with: go run payments.go
// To break it: GET /fault?every=5 fails each fifth request, every=1 all, every=0 none.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync/atomic"
)

var every, seen atomic.Int64

func answer(response http.ResponseWriter, status int, value map[string]any) {
	response.Header().Set("content-type", "application/json")
	response.WriteHeader(status)
	json.NewEncoder(response).Encode(value)
}

func fault(response http.ResponseWriter, request *http.Request) {
	asked, err := strconv.ParseInt(request.URL.Query().Get("every"), 10, 64)
	if err != nil || asked < 0 {
		answer(response, 400, map[string]any{"error": "every=N: each Nth request fails, 0: none"})
		return
	}
	every.Store(asked)
	seen.Store(0)
	answer(response, 200, map[string]any{"every": asked})
}

func take(response http.ResponseWriter, _ *http.Request) {
	if n := seen.Add(1); every.Load() > 0 && n%every.Load() == 0 {
		answer(response, 503, map[string]any{"error": "out of order"})
		return
	}
	answer(response, 200, map[string]any{"taken": true})
}

func main() {
	http.HandleFunc("/fault", fault)
	http.HandleFunc("/", take)
	fmt.Println("payments: http://localhost:8080/")
	server := &http.Server{Addr: ":8080", Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	log.Fatal(server.ListenAndServe())
}
