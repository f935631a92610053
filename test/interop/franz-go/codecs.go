package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	codecRecords    = 40_000
	codecPartitions = 4
)

var codecsByName = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

// codecs writes 200,000 records, a fifth in each codec, with an idempotent producer that has five requests in flight.
func codecs(ctx context.Context, c *cluster, _ []string) (any, error) {
	observed := map[string]any{}
	for name, codec := range codecsByName {
		topic, err := c.createTopic(ctx, name, codecPartitions)
		if err != nil {
			return nil, err
		}
		expected, err := produceCodec(ctx, c, topic, codec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		seen, err := readTopic(ctx, c, topic, codecRecords)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !maps.Equal(seen.result(), expected.result()) {
			return nil, fmt.Errorf("%s: wrote %v, read %v", name, expected.result(), seen.result())
		}
		observed[name] = seen.result()
	}
	return observed, nil
}

func produceCodec(ctx context.Context, c *cluster, topic string, codec kgo.CompressionCodec) (digests, error) {
	client, err := c.client(
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerBatchMaxBytes(16_384),
		kgo.ProducerLinger(0),
		kgo.RequiredAcks(kgo.AllISRAcks()),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	expected := digests{}
	failed := make(chan error, codecRecords)
	for i := range codecRecords {
		record := codecRecord(topic, i)
		expected.add(record.Partition, textOf(record))
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				failed <- err
			}
		})
	}
	err = client.Flush(ctx)
	close(failed)
	for failure := range failed {
		err = errors.Join(err, failure)
	}
	return expected, err
}

func codecRecord(topic string, i int) *kgo.Record {
	record := &kgo.Record{
		Topic:     topic,
		Partition: int32(i % codecPartitions),
		Timestamp: time.UnixMilli(1_700_000_000_000 + int64(i)*7919%100_000),
		Value:     []byte("value-" + strconv.Itoa(i)),
	}
	if i%7 != 0 {
		record.Key = []byte("key-" + strconv.Itoa(i%1000))
	}
	if i%11 == 0 {
		record.Value = nil
	}
	for n := range i % 3 {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: "same", Value: []byte{byte(i), byte(n)}})
	}
	return record
}

func textOf(record *kgo.Record) string {
	text := fmt.Sprintf("%d %t %x %t %x", record.Timestamp.UnixMilli(), record.Key == nil, record.Key, record.Value == nil, record.Value)
	for _, header := range record.Headers {
		text += fmt.Sprintf(" %s=%x", header.Key, header.Value)
	}
	return text
}

// readTopic reads a topic, which must have so many records, from its beginning.
func readTopic(ctx context.Context, c *cluster, topic string, count int) (digests, error) {
	client, err := c.client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	var offsets int64
	ends.Each(func(it kadm.ListedOffset) { offsets += it.Offset })
	if offsets != int64(count) {
		return nil, fmt.Errorf("%d offsets for %d records", offsets, count)
	}
	seen := digests{}
	last := map[int32]int64{}
	for seen.total() < count {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetchErrors(fetches), ctx.Err()); err != nil {
			return nil, fmt.Errorf("after %d records: %w", seen.total(), err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if before, known := last[record.Partition]; known && record.Offset <= before {
				err = fmt.Errorf("offset %d after %d", record.Offset, before)
			}
			last[record.Partition] = record.Offset
			seen.add(record.Partition, textOf(record))
		})
		if err != nil {
			return nil, err
		}
	}
	return seen, nil
}
