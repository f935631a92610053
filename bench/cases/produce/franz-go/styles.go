package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"kafkawire/bench/process"
)

const (
	// Records are allocated so many at once, and the clock is looked at as often.
	slab = 1_000
	// Of the latencies of `send`, one in so many is looked at.
	sampleEvery = 16
	tick        = time.Millisecond
)

type measured struct {
	records   int
	elapsed   time.Duration
	latencies []float64
}

type style func(cl *kgo.Client, values [][]byte, p process.Plan, duration time.Duration) (measured, error)

// As much as the client takes. Without a promise for each record: `Flush` tells that all is done, the end offsets that all is there.
func bulk(cl *kgo.Client, values [][]byte, _ process.Plan, duration time.Duration) (measured, error) {
	ctx := context.Background()
	start := time.Now()
	count := 0
	for time.Since(start) < duration {
		records := make([]kgo.Record, slab)
		for i := range records {
			records[i].Value = values[count%len(values)]
			cl.Produce(ctx, &records[i], nil)
			count++
		}
	}
	err := cl.Flush(ctx)
	return measured{records: count, elapsed: time.Since(start)}, err
}

// A promise for every record, and so many outstanding: the next record waits for a free place.
func keepSending(cl *kgo.Client, values [][]byte, p process.Plan, duration time.Duration) (measured, error) {
	ctx := context.Background()
	places := make(chan struct{}, p.Number("outstanding"))
	acknowledged := newAcknowledged()
	start := time.Now()
	count := 0
	now := start
	for now.Sub(start) < duration {
		places <- struct{}{}
		isSample := count%sampleEvery == 0
		var from time.Time
		if isSample {
			now = time.Now()
			from = now
		}
		cl.Produce(ctx, &kgo.Record{Value: values[count%len(values)]}, func(_ *kgo.Record, err error) {
			acknowledged.add(err, from, isSample)
			<-places
		})
		count++
	}
	for range cap(places) {
		places <- struct{}{}
	}
	return measured{count, time.Since(start), acknowledged.latencies}, acknowledged.problem()
}

// So many records a second, a few every millisecond; a record's latency begins when it was due.
func keepPace(cl *kgo.Client, values [][]byte, p process.Plan, duration time.Duration) (measured, error) {
	ctx := context.Background()
	perTick := p.Number("perSecond") * int(tick) / int(time.Second)
	acknowledged := newAcknowledged()
	var pending sync.WaitGroup
	start := time.Now()
	count := 0
	for ticked := range int(duration / tick) {
		due := start.Add(time.Duration(ticked+1) * tick)
		time.Sleep(time.Until(due))
		for range perTick {
			pending.Add(1)
			cl.Produce(ctx, &kgo.Record{Value: values[count%len(values)]}, func(_ *kgo.Record, err error) {
				acknowledged.add(err, due, true)
				pending.Done()
			})
			count++
		}
	}
	pending.Wait()
	return measured{count, time.Since(start), acknowledged.latencies}, acknowledged.problem()
}

// What the promises of a run came to.
type acknowledged struct {
	mutex     sync.Mutex
	latencies []float64
	failure   atomic.Pointer[error]
}

func newAcknowledged() *acknowledged {
	return &acknowledged{latencies: make([]float64, 0, 100_000)}
}

func (a *acknowledged) add(err error, from time.Time, isSample bool) {
	if err != nil {
		a.failure.CompareAndSwap(nil, &err)
	}
	if !isSample {
		return
	}
	latency := process.MsSince(from)
	a.mutex.Lock()
	a.latencies = append(a.latencies, latency)
	a.mutex.Unlock()
}

func (a *acknowledged) problem() error {
	if failure := a.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}
