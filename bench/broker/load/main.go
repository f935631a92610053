// The load: a franz-go client that gives records to a broker or takes them from it as fast as it can, and prints one line of JSON
// with what it took by its own clock. Its settings are those that franz-go documents for throughput.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 5 * time.Minute

type plan struct {
	bootstrap   string
	brokerPid   int
	partitions  int
	codec       string
	warmRecords int
	records     int
	// Topic configuration that bounds what the broker keeps; 0 for none.
	retentionBytes int
	topics         int
}

type program func(ctx context.Context, p plan) (any, error)

var programs = map[string]program{"in": produceLoad, "out": consumeLoad, "admin": adminLoad}

func main() {
	var p plan
	flag.StringVar(&p.bootstrap, "bootstrap", "", "host:port of the broker")
	flag.IntVar(&p.brokerPid, "broker-pid", 0, "the process whose CPU time and memory are measured")
	flag.IntVar(&p.partitions, "partitions", 6, "of each topic")
	flag.StringVar(&p.codec, "codec", "none", "none or lz4")
	flag.IntVar(&p.warmRecords, "warm-records", 0, "how many records to warm up with")
	flag.IntVar(&p.records, "records", 1_000_000, "how many records to measure")
	flag.IntVar(&p.retentionBytes, "retention-bytes", 0, "retention.bytes of the topic")
	flag.IntVar(&p.topics, "topics", 1000, "how many topics to create (admin)")
	flag.Parse()
	run := programs[flag.Arg(0)]
	if run == nil || p.bootstrap == "" {
		fmt.Fprintln(os.Stderr, "usage: load -bootstrap HOST:PORT [OPTIONS] in|out|admin")
		os.Exit(2)
	}
	// Memory is there; time spent in the client's garbage collector would be counted as the broker's.
	debug.SetGCPercent(800)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := run(ctx, p)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (p plan) compression() kgo.CompressionCodec {
	if p.codec == "lz4" {
		return kgo.Lz4Compression()
	}
	return kgo.NoCompression()
}
