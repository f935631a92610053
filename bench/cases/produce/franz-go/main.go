// One run of one case by franz-go: `produce name=value…`. As cases/produce/worker.mjs, in Go. Idempotent, as franz-go is by default.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"kafkawire/bench/process"
)

type report struct {
	Runtime    string   `json:"runtime"`
	ColdMs     float64  `json:"coldMs"`
	Sent       int      `json:"sent"`
	Records    int      `json:"records"`
	Seconds    float64  `json:"seconds"`
	CPUSeconds float64  `json:"cpuSeconds"`
	PeakRssMb  float64  `json:"peakRssMb"`
	P50Ms      *float64 `json:"p50Ms,omitempty"`
	P99Ms      *float64 `json:"p99Ms,omitempty"`
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
	values, err := readValues(p["valuesFile"])
	if err != nil {
		return nil, err
	}
	style := map[string]style{"bulk": bulk, "send": keepSending, "latency": keepPace}[p["style"]]
	start := time.Now()
	cl, err := connect(p)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: values[0]}).FirstErr(); err != nil {
		return nil, err
	}
	result := report{Runtime: runtime.Version(), ColdMs: process.MsSince(start)}
	warm, err := style(cl, values, p, time.Duration(p.Number("warmUpMs"))*time.Millisecond)
	if err != nil {
		return nil, err
	}
	cpuBefore := process.CPUSeconds()
	measured, err := style(cl, values, p, time.Duration(p.Number("measureMs"))*time.Millisecond)
	if err != nil {
		return nil, err
	}
	result.CPUSeconds, result.PeakRssMb = process.CPUSeconds()-cpuBefore, process.PeakRssMb()
	result.Records, result.Seconds = measured.records, measured.elapsed.Seconds()
	result.Sent = 1 + warm.records + measured.records
	if len(measured.latencies) > 0 {
		slices.Sort(measured.latencies)
		result.P50Ms, result.P99Ms = process.Percentile(measured.latencies, 0.5), process.Percentile(measured.latencies, 0.99)
	}
	return &result, nil
}

func connect(p process.Plan) (*kgo.Client, error) {
	linger := 5 * time.Millisecond
	if p["style"] != "bulk" {
		linger = 0
	}
	codec := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}[p["codec"]]
	return kgo.NewClient(
		kgo.SeedBrokers(p["bootstrap"]),
		kgo.DefaultProduceTopic(p["topic"]),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerBatchMaxBytes(1_000_000),
		kgo.ProducerLinger(linger),
		kgo.MaxBufferedRecords(100_000),
		kgo.DisableClientMetrics(),
	)
}

func readValues(file string) ([][]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var values [][]byte
	for line := range strings.Lines(string(text)) {
		values = append(values, []byte(strings.TrimSuffix(line, "\n")))
	}
	return values, nil
}
