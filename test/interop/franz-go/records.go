package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// seenRecord is a record as its producer meant it, all of it text.
type seenRecord struct {
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	Timestamp int64        `json:"timestamp"`
	Key       *string      `json:"key"`
	Value     *string      `json:"value"`
	Headers   [][2]*string `json:"headers"`
}

// records reads what somebody else has written, to the end. Options: topic, partitions, isolation level.
func records(ctx context.Context, c *cluster, options []string) (any, error) {
	topic, isolation := options[0], kgo.ReadUncommitted()
	if options[2] == "read_committed" {
		isolation = kgo.ReadCommitted()
	}
	partitions, err := strconv.Atoi(options[1])
	if err != nil {
		return nil, err
	}
	starts := map[int32]kgo.Offset{}
	for partition := range int32(partitions) {
		starts[partition] = kgo.NewOffset().AtStart()
	}
	client, err := c.client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}),
		kgo.FetchIsolationLevel(isolation),
		// Else the end, which may be a mark or in an aborted transaction, would never be seen.
		kgo.KeepControlRecords(),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	left := map[int32]int64{}
	ends.Each(func(it kadm.ListedOffset) {
		if it.Offset > 0 {
			left[it.Partition] = it.Offset - 1
		}
	})
	seen := []seenRecord{}
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetchErrors(fetches), ctx.Err()); err != nil {
			return nil, fmt.Errorf("after %d records: %w", len(seen), err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if last, isOpen := left[record.Partition]; isOpen && record.Offset >= last {
				delete(left, record.Partition)
			}
			if !record.Attrs.IsControl() {
				seen = append(seen, seenAs(record))
			}
		})
	}
	return seen, nil
}

func seenAs(record *kgo.Record) seenRecord {
	headers := make([][2]*string, 0, len(record.Headers))
	for _, header := range record.Headers {
		headers = append(headers, [2]*string{&header.Key, text(header.Value)})
	}
	return seenRecord{record.Partition, record.Offset, record.Timestamp.UnixMilli(), text(record.Key), text(record.Value), headers}
}

func text(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	it := string(bytes)
	return &it
}
