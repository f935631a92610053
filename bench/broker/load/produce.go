package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	topic = "load"
	// How many records in a row go to one partition: about as many as one batch holds.
	recordsInARow = 9_000
	// Records are allocated so many at once.
	slab = 1_000
)

// What was measured, of the broker from outside.
type measured struct {
	Records          int     `json:"records"`
	Seconds          float64 `json:"seconds"`
	BrokerCPUSeconds float64 `json:"brokerCpuSeconds"`
	PeakRssMb        float64 `json:"peakRssMb"`
}

func produceLoad(ctx context.Context, p plan) (any, error) {
	if err := createTopic(ctx, p); err != nil {
		return nil, err
	}
	cl, err := newProducer(p)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	values := newPool()
	if err := produce(ctx, cl, p, values, p.warmRecords); err != nil {
		return nil, err
	}
	cpuBefore, start := cpuSeconds(p.brokerPid), time.Now()
	if err := produce(ctx, cl, p, values, p.records); err != nil {
		return nil, err
	}
	result := measured{Records: p.records, Seconds: time.Since(start).Seconds()}
	result.BrokerCPUSeconds = cpuSeconds(p.brokerPid) - cpuBefore
	result.PeakRssMb = peakRssMb(p.brokerPid)
	return result, requireRecords(ctx, cl, p.warmRecords+p.records)
}

func newProducer(p plan) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(p.bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(p.compression()),
		kgo.ProducerBatchMaxBytes(1_000_000),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.MaxBufferedRecords(400_000),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableClientMetrics(),
	)
}

// Without a promise for each record: that all arrived is seen by the end offsets.
func produce(ctx context.Context, cl *kgo.Client, p plan, values *pool, n int) error {
	for sent := 0; sent < n; {
		records := make([]kgo.Record, min(slab, n-sent))
		for i := range records {
			records[i].Value = values.values[sent%poolSize]
			records[i].Partition = int32(sent / recordsInARow % p.partitions)
			cl.Produce(ctx, &records[i], nil)
			sent++
		}
	}
	return cl.Flush(ctx)
}

func createTopic(ctx context.Context, p plan) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(p.bootstrap), kgo.DisableClientMetrics())
	if err != nil {
		return err
	}
	defer cl.Close()
	configs := map[string]*string{}
	if p.retentionBytes > 0 {
		retention := strconv.Itoa(p.retentionBytes)
		configs["retention.bytes"] = &retention
	}
	_, err = kadm.NewClient(cl).CreateTopic(ctx, int32(p.partitions), 1, configs, topic)
	return err
}

func requireRecords(ctx context.Context, cl *kgo.Client, n int) error {
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	if err := ends.Error(); err != nil {
		return err
	}
	var total int64
	ends.Each(func(end kadm.ListedOffset) { total += end.Offset })
	if total != int64(n) {
		return fmt.Errorf("%d records were produced, the broker has %d", n, total)
	}
	return nil
}
