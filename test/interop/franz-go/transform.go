package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const transformRecords = 20_000

// transform consumes, transforms and produces in transactions, with two workers of which the second joins late; some transactions
// are given up, and their records come again. What a read-committed reader sees must be each input once.
func transform(ctx context.Context, c *cluster, _ []string) (any, error) {
	input, err := c.createTopic(ctx, "input", 2)
	if err != nil {
		return nil, err
	}
	output, err := c.createTopic(ctx, "output", 2)
	if err != nil {
		return nil, err
	}
	if err := c.produce(ctx, input, 2, 0, transformRecords); err != nil {
		return nil, err
	}
	working, finish := context.WithCancel(ctx)
	defer finish()
	progress := &progress{half: make(chan struct{}), all: make(chan struct{})}
	ended := make(chan error, 2)
	now := make(chan struct{})
	close(now)
	for id, start := range map[string]chan struct{}{"first": now, "second": progress.half} {
		go func() {
			select {
			case <-start:
			case <-working.Done():
			}
			err := worker(working, c, id, input, output, progress)
			if err != nil {
				finish()
			}
			ended <- err
		}()
	}
	select {
	case <-progress.all:
	case <-working.Done():
	}
	finish()
	if err := errors.Join(<-ended, <-ended, ctx.Err()); err != nil {
		return nil, err
	}
	seen, err := readCommitted(ctx, c, output)
	if err != nil {
		return nil, err
	}
	offsets, err := committedOffsets(ctx, c)
	if err != nil {
		return nil, err
	}
	return map[string]any{"outputs": seen, "committedOffsets": offsets, "someWereGivenUp": progress.abandoned.Load() > 0}, nil
}

// progress of all workers.
type progress struct {
	committed atomic.Int64
	abandoned atomic.Int64
	half      chan struct{}
	all       chan struct{}
}

func (p *progress) commit(records int) {
	after := p.committed.Add(int64(records))
	before := after - int64(records)
	if before < transformRecords/2 && after >= transformRecords/2 {
		close(p.half)
	}
	if before < transformRecords && after >= transformRecords {
		close(p.all)
	}
}

// worker ends without an error when its context does.
func worker(ctx context.Context, c *cluster, id, input, output string, progress *progress) error {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(c.seeds...),
		kgo.TransactionalID(c.name(id)),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumerGroup(c.name("workers")),
		kgo.ConsumeTopics(input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.HeartbeatInterval(300*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer session.Close()
	for round := 0; ; round++ {
		fetches := session.PollRecords(ctx, 500)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetchErrors(fetches); err != nil {
			return err
		}
		if err := session.Begin(); err != nil {
			return err
		}
		var failure atomic.Pointer[error]
		fetches.EachRecord(func(record *kgo.Record) {
			value := []byte(strings.ToUpper(string(record.Value)) + "!")
			session.Produce(context.Background(), &kgo.Record{Topic: output, Partition: record.Partition, Value: value}, func(_ *kgo.Record, err error) {
				if err != nil {
					failure.Store(&err)
				}
			})
		})
		giveUp := round%4 == 1
		if giveUp {
			// What is not sent yet would be dropped: then there would be nothing to be filtered by the reader.
			if err := session.Client().Flush(context.Background()); err != nil {
				return err
			}
			progress.abandoned.Add(1)
		}
		didCommit, err := session.End(context.Background(), kgo.TransactionEndTry(!giveUp && failure.Load() == nil))
		if err != nil {
			return fmt.Errorf("end of a transaction: %w", err)
		}
		if didCommit {
			progress.commit(fetches.NumRecords())
		}
	}
}

// readCommitted reads everything there is, up to the last marker of a transaction.
func readCommitted(ctx context.Context, c *cluster, topic string) (map[string]int, error) {
	client, err := c.client(
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	unfinished, err := endsOfFinishedTransactions(ctx, kadm.NewClient(client), topic)
	if err != nil {
		return nil, err
	}
	values := map[string]int{}
	for len(unfinished) > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetchErrors(fetches), ctx.Err()); err != nil {
			return nil, fmt.Errorf("after %d values: %w", len(values), err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if !record.Attrs.IsControl() {
				values[string(record.Value)]++
			}
			if record.Offset+1 == unfinished[record.Partition] {
				delete(unfinished, record.Partition)
			}
		})
	}
	doubled := 0
	for _, count := range values {
		if count > 1 {
			doubled++
		}
	}
	missing := 0
	for i := range transformRecords {
		if values[fmt.Sprintf("VALUE-%d!", i)] == 0 {
			missing++
		}
	}
	if doubled+missing > 0 {
		return nil, fmt.Errorf("%d values came twice, %d are missing", doubled, missing)
	}
	return map[string]int{"distinct": len(values), "doubled": doubled, "missing": missing}, nil
}

// endsOfFinishedTransactions is where the partitions end once no transaction is open: the markers of one are written after its
// producer was told of its end.
func endsOfFinishedTransactions(ctx context.Context, adm *kadm.Client, topic string) (map[int32]int64, error) {
	for {
		ends, err := adm.ListEndOffsets(ctx, topic)
		if err != nil {
			return nil, err
		}
		stable, err := adm.ListCommittedOffsets(ctx, topic)
		if err != nil {
			return nil, err
		}
		offsets := map[int32]int64{}
		isStable := true
		ends.Each(func(it kadm.ListedOffset) {
			offsets[it.Partition] = it.Offset
			isStable = isStable && stable[it.Topic][it.Partition].Offset == it.Offset
		})
		if isStable {
			return offsets, nil
		}
	}
}

func committedOffsets(ctx context.Context, c *cluster) (map[string]int64, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	responses, err := kadm.NewClient(client).FetchOffsets(ctx, c.name("workers"))
	if err != nil {
		return nil, err
	}
	offsets := map[string]int64{}
	responses.Each(func(it kadm.OffsetResponse) { offsets[fmt.Sprint(it.Partition)] = it.At })
	return offsets, nil
}
