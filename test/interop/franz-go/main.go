// Runs one program against a broker and prints what it observed as one line of JSON. A wrong result ends it with exit code 1.
// Arguments: the program, the bootstrap servers, a prefix for every name, then the program's own.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

const patience = 90 * time.Second

type program func(ctx context.Context, c *cluster, options []string) (any, error)

var programs = map[string]program{
	"admin":       admin,
	"codecs":      codecs,
	"fetch":       fetchSessions,
	"group":       group,
	"leaderEpoch": leaderEpochs,
	"members":     mixedMembers,
	"pattern":     pattern,
	"records":     records,
	"transform":   transform,
	"write":       write,
}

func main() {
	if len(os.Args) < 4 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: PROGRAM BOOTSTRAP PREFIX [OPTIONS]")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := &cluster{seeds: strings.Split(os.Args[2], ","), prefix: os.Args[3]}
	observed, err := programs[os.Args[1]](ctx, c, os.Args[4:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	line, err := json.Marshal(observed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}
