package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"app": "go", "hello": r.PathValue("name")})
	})
	http.HandleFunc("GET /call/{name}", func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get(os.Getenv("UPSTREAM") + "/hello/" + r.PathValue("name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
