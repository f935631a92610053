package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pattern consumes topics by a regular expression, one of which comes later.
func pattern(ctx context.Context, c *cluster, _ []string) (any, error) {
	for _, word := range []string{"red", "blue", "green"} {
		if err := fill(ctx, c, word); err != nil {
			return nil, err
		}
	}
	client, err := c.client(
		kgo.ConsumeRegex(),
		kgo.ConsumeTopics("^"+regexp.QuoteMeta(c.prefix)+"-(red|gr[ae]y|blue)$"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.ConsumerGroup(c.name("group")),
		kgo.MetadataMinAge(100_000_000),
		kgo.MetadataMaxAge(500_000_000),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	counts := map[string]int{}
	if err := readCounts(ctx, c, client, counts, 400); err != nil {
		return nil, err
	}
	before := fmt.Sprint(counts)
	if err := fill(ctx, c, "gray"); err != nil {
		return nil, err
	}
	if err := readCounts(ctx, c, client, counts, 600); err != nil {
		return nil, err
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		return nil, err
	}
	return map[string]any{"atFirst": before, "withNewTopic": fmt.Sprint(counts)}, nil
}

func fill(ctx context.Context, c *cluster, word string) error {
	topic, err := c.createTopic(ctx, word, 2)
	if err != nil {
		return err
	}
	return c.produce(ctx, topic, 2, 0, 200)
}

// readCounts reads until there are so many records in all, counted by topic.
func readCounts(ctx context.Context, c *cluster, client *kgo.Client, counts map[string]int, total int) error {
	for sum(counts) < total {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetchErrors(fetches), ctx.Err()); err != nil {
			return fmt.Errorf("after %v: %w", counts, err)
		}
		fetches.EachRecord(func(record *kgo.Record) { counts[strings.TrimPrefix(record.Topic, c.prefix+"-")]++ })
	}
	return nil
}

func sum(counts map[string]int) int {
	total := 0
	for _, count := range counts {
		total += count
	}
	return total
}

// fetchSessions reads while partitions are paused, resumed, added and removed: each changes the fetch session. The broker must
// send what was asked for, and nothing of what was paused.
func fetchSessions(ctx context.Context, c *cluster, _ []string) (any, error) {
	orders, err := c.createTopic(ctx, "orders", 4)
	if err != nil {
		return nil, err
	}
	later, err := c.createTopic(ctx, "later", 1)
	if err != nil {
		return nil, err
	}
	start := kgo.NewOffset().AtStart()
	client, err := c.client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{orders: {0: start, 1: start, 2: start, 3: start}}),
		kgo.FetchMaxWait(200_000_000),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	reader := &sessionReader{client: client, counts: map[string]int{}, prefix: c.prefix}
	observed := map[string]any{}
	steps := []struct {
		name   string
		change func()
		topic  string
		count  int
		parts  int32
		expect int
	}{
		{"all four", func() {}, orders, 400, 4, 400},
		{"two are paused", func() { client.PauseFetchPartitions(map[string][]int32{orders: {1, 3}}) }, orders, 400, 4, 200},
		{"a topic is added", func() { client.AddConsumePartitions(map[string]map[int32]kgo.Offset{later: {0: start}}) }, later, 100, 1, 100},
		{"one is removed", func() { client.RemoveConsumePartitions(map[string][]int32{orders: {2}}) }, orders, 400, 4, 100},
		{"they are resumed", func() { client.ResumeFetchPartitions(map[string][]int32{orders: {1, 3}}) }, orders, 0, 4, 400},
		{"all that are left", func() {}, orders, 400, 4, 300},
	}
	for _, step := range steps {
		step.change()
		if err := c.produce(ctx, step.topic, step.parts, 0, step.count); err != nil {
			return nil, err
		}
		seen, err := reader.read(ctx, step.expect)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		observed[step.name] = seen
	}
	return observed, nil
}

type sessionReader struct {
	client *kgo.Client
	counts map[string]int
	prefix string
}

// read returns which partitions gave how many records, once there are so many.
func (r *sessionReader) read(ctx context.Context, count int) ([]string, error) {
	counts := map[string]int{}
	for sum(counts) < count {
		fetches := r.client.PollFetches(ctx)
		if err := errors.Join(fetchErrors(fetches), ctx.Err()); err != nil {
			return nil, fmt.Errorf("after %v: %w", counts, err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			counts[fmt.Sprintf("%s-%d", strings.TrimPrefix(record.Topic, r.prefix+"-"), record.Partition)]++
		})
	}
	lines := []string{}
	for partition, count := range counts {
		lines = append(lines, fmt.Sprintf("%s: %d", partition, count))
	}
	sort.Strings(lines)
	return lines, nil
}
