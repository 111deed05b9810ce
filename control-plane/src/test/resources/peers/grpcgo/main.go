// Calls xds:///TARGET so many times, and prints how often each answer came.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds" // the resolver of xds:///
)

// texts passes messages as they are.
type texts struct{}

func (texts) Marshal(v any) ([]byte, error) {
	return []byte(*v.(*string)), nil
}

func (texts) Unmarshal(data []byte, v any) error {
	*v.(*string) = string(data)
	return nil
}

func (texts) Name() string {
	return "texts"
}

func say(channel *grpc.ClientConn) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	hello, answer := "hello", ""
	err := channel.Invoke(ctx, "/test.Greeter/Say", &hello, &answer, grpc.ForceCodec(texts{}), grpc.WaitForReady(true))
	if err != nil {
		return status.Code(err).String() + " " + err.Error()
	}
	return answer
}

func main() {
	times, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	channel, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	defer channel.Close()
	answers := map[string]int{}
	for range times {
		answers[say(channel)]++
	}
	var lines []string
	for answer, count := range answers {
		lines = append(lines, fmt.Sprintf("%d %s", count, answer))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
