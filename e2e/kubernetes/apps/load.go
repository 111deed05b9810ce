package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Asks for URL so often a second, for so many seconds, whether or not answers come: load URL RATE SECONDS. Prints how
// many answers there were, what was wrong with the others, and how long they took. What is late counts as long as it is.
func load(words []string) {
	if len(words) != 3 {
		log.Fatal("load URL RATE SECONDS")
	}
	rate, wrongRate := strconv.Atoi(words[1])
	seconds, wrongSeconds := strconv.Atoi(words[2])
	if wrongRate != nil || wrongSeconds != nil || rate < 1 || seconds < 1 {
		log.Fatal("RATE and SECONDS are numbers above 0")
	}
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 200, MaxConnsPerHost: 200},
	}
	var lock sync.Mutex
	var all sync.WaitGroup
	taken := []time.Duration{}
	wrong := map[string]int{}
	begin := time.Now()
	for i := range rate * seconds {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			said := ask(client, words[0])
			lock.Lock()
			defer lock.Unlock()
			taken = append(taken, time.Since(due))
			if said != "" {
				wrong[said]++
			}
		})
	}
	all.Wait()
	slices.Sort(taken)
	failed := 0
	for _, times := range wrong {
		failed += times
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"sent": len(taken), "failed": failed, "wrong": wrong,
		"p50_ms": part(taken, 50), "p99_ms": part(taken, 99), "max_ms": part(taken, 100),
	})
}

func part(sorted []time.Duration, percent int) float64 {
	at := max(len(sorted)*percent/100-1, 0)
	return float64(sorted[at].Microseconds()) / 1000
}

// What is wrong with the answer; nothing if it is 200.
func ask(client *http.Client, url string) string {
	response, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err.Error()
	}
	if response.StatusCode == http.StatusOK {
		return ""
	}
	return fmt.Sprint(response.StatusCode, " ", response.Header.Get("x-weir-cause"))
}
