package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Fills a topic, reads it from the beginning once to warm up, and once more for the clock.
func consumeLoad(ctx context.Context, p plan) (any, error) {
	if err := createTopic(ctx, p); err != nil {
		return nil, err
	}
	values := newPool()
	if err := fill(ctx, p, values); err != nil {
		return nil, err
	}
	debug.FreeOSMemory()
	expected := values.digest(p.records)
	for read := 0; read < max(1, p.warmRecords); read += p.records {
		if err := readAll(ctx, p, expected); err != nil {
			return nil, err
		}
	}
	cpuBefore, start := cpuSeconds(p.brokerPid), time.Now()
	if err := readAll(ctx, p, expected); err != nil {
		return nil, err
	}
	result := measured{Records: p.records, Seconds: time.Since(start).Seconds()}
	result.BrokerCPUSeconds = cpuSeconds(p.brokerPid) - cpuBefore
	result.PeakRssMb = peakRssMb(p.brokerPid)
	return result, nil
}

func fill(ctx context.Context, p plan, values *pool) error {
	cl, err := newProducer(p)
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := produce(ctx, cl, p, values, p.records); err != nil {
		return err
	}
	return requireRecords(ctx, cl, p.records)
}

// Every byte of every value is looked at, and every partition has to come in order.
func readAll(ctx context.Context, p plan, expected uint64) error {
	partitions := map[int32]kgo.Offset{}
	for partition := range int32(p.partitions) {
		partitions[partition] = kgo.NewOffset().AtStart()
	}
	cl, err := kgo.NewClient(
		kgo.SeedBrokers(p.bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: partitions}),
		kgo.FetchMaxBytes(50<<20),
		kgo.FetchMaxPartitionBytes(10<<20),
		kgo.DisableClientMetrics(),
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	next := make([]int64, p.partitions)
	var digest uint64
	for count := 0; count < p.records; {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		var problem error
		fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
			for _, record := range fetched.Records {
				if record.Offset != next[fetched.Partition] {
					problem = fmt.Errorf("partition %d: offset %d where %d is next", fetched.Partition, record.Offset, next[fetched.Partition])
				}
				next[fetched.Partition] = record.Offset + 1
				digest += sumOf(record.Value)
			}
			count += len(fetched.Records)
		})
		if problem != nil {
			return problem
		}
	}
	if digest != expected {
		return fmt.Errorf("the records that came have the digest %x, those that were sent %x", digest, expected)
	}
	return nil
}
