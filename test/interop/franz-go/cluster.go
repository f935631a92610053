package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// cluster is the broker under test, and names that no other run uses.
type cluster struct {
	seeds  []string
	prefix string
}

func (c *cluster) name(word string) string {
	return c.prefix + "-" + word
}

func (c *cluster) client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.seeds...)}, options...)...)
}

// createTopic returns the full name of a topic of one replica, once the broker knows it. It keeps its records for ever: some have
// times of long ago, which are older than a broker's retention.
func (c *cluster) createTopic(ctx context.Context, word string, partitions int32) (string, error) {
	client, err := c.client()
	if err != nil {
		return "", err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	topic := c.name(word)
	forever := "-1"
	created, err := adm.CreateTopics(ctx, partitions, 1, map[string]*string{"retention.ms": &forever}, topic)
	if err == nil {
		err = created.Error()
	}
	if err != nil {
		return "", fmt.Errorf("create %s: %w", topic, err)
	}
	for ctx.Err() == nil {
		metadata, err := adm.Metadata(ctx, topic)
		if err == nil && metadata.Topics[topic].Err == nil && len(metadata.Topics[topic].Partitions) == int(partitions) {
			return topic, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", ctx.Err()
}

// produce writes value-0, value-1 and so on, in turn to the partitions.
func (c *cluster) produce(ctx context.Context, topic string, partitions int32, from, to int) error {
	client, err := c.client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	failed := make(chan error, 1)
	for i := from; i < to; i++ {
		record := &kgo.Record{Topic: topic, Partition: int32(i) % partitions, Value: []byte("value-" + strconv.Itoa(i))}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// errorName is the name that Kafka's protocol has for an error.
func errorName(err error) string {
	if err == nil {
		return "none"
	}
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return err.Error()
}

// digest of what a partition holds, in its order.
type digest struct {
	sum   hash.Hash
	count int
}

type digests map[int32]*digest

func (d digests) add(partition int32, text string) {
	it := d[partition]
	if it == nil {
		it = &digest{sum: sha256.New()}
		d[partition] = it
	}
	it.sum.Write([]byte(text + "\n"))
	it.count++
}

func (d digests) result() map[string]string {
	result := map[string]string{}
	for partition, it := range d {
		result[strconv.Itoa(int(partition))] = fmt.Sprintf("%d %s", it.count, hex.EncodeToString(it.sum.Sum(nil))[:16])
	}
	return result
}

func (d digests) total() int {
	total := 0
	for _, it := range d {
		total += it.count
	}
	return total
}

// fetchErrors are those that are not the caller's own doing.
func fetchErrors(fetches kgo.Fetches) error {
	var all []error
	fetches.EachError(func(topic string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) && !errors.Is(err, kgo.ErrClientClosed) {
			all = append(all, fmt.Errorf("%s-%d: %w", topic, partition, err))
		}
	})
	return errors.Join(all...)
}
