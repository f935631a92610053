// One run of one case by franz-go: `consume name=value…`. As cases/consume/reading.mjs and worker.mjs, in Go. Partitions are assigned,
// without a group. It checks the CRC of every batch, as it does by default.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"kafkawire/bench/process"
)

type report struct {
	Runtime    string       `json:"runtime"`
	ColdMs     float64      `json:"coldMs"`
	Records    int          `json:"records"`
	Seconds    float64      `json:"seconds"`
	CPUSeconds float64      `json:"cpuSeconds"`
	PeakRssMb  float64      `json:"peakRssMb"`
	P50Ms      *float64     `json:"p50Ms,omitempty"`
	P99Ms      *float64     `json:"p99Ms,omitempty"`
	Passes     []passResult `json:"passes"`
}

func main() {
	result, err := run(process.PlanFromArguments())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(p process.Plan) (*report, error) {
	clock := newClock(p)
	result := report{Runtime: runtime.Version()}
	var latencies []float64
	for !clock.isOver {
		reading := newPass(p, clock)
		if err := read(p, reading); err != nil {
			return nil, err
		}
		result.Passes = append(result.Passes, reading.passResult)
		latencies = reading.latencies
	}
	result.ColdMs, result.Records, result.Seconds = clock.coldMs, clock.records, clock.elapsed.Seconds()
	result.CPUSeconds, result.PeakRssMb = clock.cpuSeconds, process.PeakRssMb()
	if len(latencies) > 0 {
		slices.Sort(latencies)
		result.P50Ms, result.P99Ms = process.Percentile(latencies, 0.5), process.Percentile(latencies, 0.99)
	}
	return &result, nil
}

func read(p process.Plan, reading *pass) error {
	cl, err := connect(p)
	if err != nil {
		return err
	}
	defer cl.Close()
	for {
		fetches := cl.PollFetches(context.Background())
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
			for _, record := range fetched.Records {
				reading.take(record.Partition, record.Offset, record.Value)
			}
		})
		if reading.look() {
			return reading.problem
		}
	}
}

func connect(p process.Plan) (*kgo.Client, error) {
	partitions := map[int32]kgo.Offset{}
	for partition := range int32(p.Number("partitions")) {
		partitions[partition] = kgo.NewOffset().AtStart()
	}
	return kgo.NewClient(
		kgo.SeedBrokers(p["bootstrap"]),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{p["topic"]: partitions}),
		kgo.DisableClientMetrics(),
	)
}
