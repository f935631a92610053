package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	groupPartitions = 6
	groupRecords    = 60_000
	groupStage      = groupRecords / 3
	// Who is to go waits until so many records have been read: then the second third is on its way.
	groupEarly = groupStage + groupStage/10
)

// ledger is what the members of a group have and have read.
type ledger struct {
	mutex     sync.Mutex
	changed   *sync.Cond
	owned     map[string]map[int32]bool
	committed map[int32]int64
	read      map[int32]map[int64]bool
	distinct  int
	doubled   int
	lost      int
	revoked   map[string]int
	failures  []error
}

func newLedger() *ledger {
	l := &ledger{owned: map[string]map[int32]bool{}, committed: map[int32]int64{}, read: map[int32]map[int64]bool{}, revoked: map[string]int{}}
	l.changed = sync.NewCond(&l.mutex)
	return l
}

func (l *ledger) change(apply func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	apply()
	l.changed.Broadcast()
}

func (l *ledger) await(ctx context.Context, what string, isReached func() bool) error {
	stop := context.AfterFunc(ctx, func() { l.change(func() {}) })
	defer stop()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for !isReached() {
		if len(l.failures) > 0 {
			return errors.Join(l.failures...)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waited for %s: %v own %v, %d records", what, len(l.owned), l.shares(), l.distinct)
		}
		l.changed.Wait()
	}
	return nil
}

// shares are how many partitions each member has.
func (l *ledger) shares() []int {
	sizes := []int{}
	for _, partitions := range l.owned {
		sizes = append(sizes, len(partitions))
	}
	sort.Ints(sizes)
	return sizes
}

func (l *ledger) awaitShares(ctx context.Context, members int) error {
	return l.await(ctx, fmt.Sprintf("%d equal shares", members), func() bool {
		all := map[int32]bool{}
		for _, partitions := range l.owned {
			for partition := range partitions {
				all[partition] = true
			}
			if len(partitions) != groupPartitions/members {
				return false
			}
		}
		return len(l.owned) == members && len(all) == groupPartitions
	})
}

// member is a consumer that commits what it has read, after each poll and before it gives a partition away.
type member struct {
	name   string
	client *kgo.Client
	ledger *ledger
	done   chan struct{}
	stop   context.CancelFunc
}

func join(c *cluster, l *ledger, name, topic string, options ...kgo.Opt) (*member, error) {
	m := &member{name: name, ledger: l, done: make(chan struct{})}
	l.change(func() { l.owned[name] = map[int32]bool{} })
	all := append([]kgo.Opt{
		kgo.ConsumerGroup(c.name("group")),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			l.change(func() {
				for _, partition := range assigned[topic] {
					l.owned[name][partition] = true
				}
			})
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, revoked map[string][]int32) {
			m.commit(ctx, client)
			m.drop(revoked[topic])
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			l.change(func() { l.lost += len(lost[topic]) })
			m.drop(lost[topic])
		}),
	}, options...)
	client, err := c.client(all...)
	if err != nil {
		return nil, err
	}
	m.client = client
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.work(ctx)
	return m, nil
}

func (m *member) drop(partitions []int32) {
	m.ledger.change(func() {
		for _, partition := range partitions {
			delete(m.ledger.owned[m.name], partition)
		}
		m.ledger.revoked[m.name] += len(partitions)
	})
}

func (m *member) work(ctx context.Context) {
	defer close(m.done)
	for ctx.Err() == nil {
		fetches := m.client.PollRecords(ctx, 1000)
		if err := fetchErrors(fetches); err != nil {
			m.ledger.change(func() { m.ledger.failures = append(m.ledger.failures, err) })
			return
		}
		m.ledger.change(func() { fetches.EachRecord(m.ledger.add) })
		m.commit(context.Background(), m.client)
		m.client.AllowRebalance()
	}
}

// add counts a record below an offset that somebody had committed already as delivered twice.
func (l *ledger) add(record *kgo.Record) {
	if record.Offset < l.committed[record.Partition] {
		l.doubled++
	}
	if l.read[record.Partition] == nil {
		l.read[record.Partition] = map[int64]bool{}
	}
	if !l.read[record.Partition][record.Offset] {
		l.distinct++
	}
	l.read[record.Partition][record.Offset] = true
}

func (m *member) commit(ctx context.Context, client *kgo.Client) {
	offsets := client.UncommittedOffsets()
	if len(offsets) == 0 {
		return
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		// The rebalance that is going on will ask for a commit again.
		if errorName(err) != "REBALANCE_IN_PROGRESS" {
			m.ledger.change(func() { m.ledger.failures = append(m.ledger.failures, fmt.Errorf("commit: %w", err)) })
		}
		return
	}
	m.ledger.change(func() {
		for _, partitions := range offsets {
			for partition, offset := range partitions {
				m.ledger.committed[partition] = max(m.ledger.committed[partition], offset.Offset)
			}
		}
	})
}

// leave commits and leaves the group.
func (m *member) leave() {
	m.stop()
	<-m.done
	m.client.AllowRebalance()
	m.client.Close()
	m.ledger.change(func() { delete(m.ledger.owned, m.name) })
}

// group has three members, of which one leaves while records keep coming. Options: "classic" or "consumer", the protocol.
func group(ctx context.Context, c *cluster, options []string) (any, error) {
	topic, err := c.createTopic(ctx, "orders", groupPartitions)
	if err != nil {
		return nil, err
	}
	balancing := []kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer())}
	if options[0] == "consumer" {
		balancing = []kgo.Opt{kgo.Balancers(kgo.StickyBalancer()), kgo.ServerSideBalancer()}
	}
	// A third while the members come, a third while one goes, the rest when that is done.
	produced := make(chan error, 3)
	releaseStage := func(stage int) {
		go func() { produced <- c.produce(ctx, topic, groupPartitions, stage*groupStage, (stage+1)*groupStage) }()
	}
	releaseStage(0)
	l := newLedger()
	members := map[string]*member{}
	for _, name := range []string{"one", "two", "three"} {
		m, err := join(c, l, name, topic, balancing...)
		if err != nil {
			return nil, err
		}
		members[name] = m
		if err := l.awaitShares(ctx, len(members)); err != nil {
			return nil, err
		}
	}
	if err := <-produced; err != nil {
		return nil, err
	}
	releaseStage(1)
	if err := l.await(ctx, "the first records", func() bool { return l.distinct >= groupEarly }); err != nil {
		return nil, err
	}
	before := l.revokedFrom("one", "three")
	members["two"].leave()
	if err := l.awaitShares(ctx, 2); err != nil {
		return nil, err
	}
	revoked := l.revokedFrom("one", "three") - before
	releaseStage(2)
	for range 2 {
		if err := <-produced; err != nil {
			return nil, err
		}
	}
	if err := l.await(ctx, "all records", func() bool { return l.distinct >= groupRecords && l.totalCommitted() >= groupRecords }); err != nil {
		return nil, err
	}
	protocol, err := protocolOf(ctx, c, members["one"].client, options[0])
	if err != nil {
		return nil, err
	}
	members["one"].leave()
	members["three"].leave()
	if len(l.failures) > 0 {
		return nil, errors.Join(l.failures...)
	}
	if l.distinct != groupRecords || l.doubled > 0 {
		return nil, fmt.Errorf("read %d of %d records, %d of them again although they were committed", l.distinct, groupRecords, l.doubled)
	}
	return map[string]any{"distinct": l.distinct, "committedTwice": l.doubled, "lost": l.lost, "committed": l.totalCommitted(),
		"protocol": protocol, "revokedFromThoseWhoStay": revoked}, nil
}

func (l *ledger) revokedFrom(names ...string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	total := 0
	for _, name := range names {
		total += l.revoked[name]
	}
	return total
}

func (l *ledger) totalCommitted() int64 {
	var total int64
	for _, offset := range l.committed {
		total += offset
	}
	return total
}

// protocolOf is how the broker describes the group.
func protocolOf(ctx context.Context, c *cluster, client *kgo.Client, kind string) (string, error) {
	adm := kadm.NewClient(client)
	if kind == "consumer" {
		described, err := adm.DescribeConsumerGroups(ctx, c.name("group"))
		if err != nil {
			return "", err
		}
		it := described[c.name("group")]
		return fmt.Sprintf("%s, %s, %d members", it.AssignorName, it.State, len(it.Members)), it.Err
	}
	described, err := adm.DescribeGroups(ctx, c.name("group"))
	if err != nil {
		return "", err
	}
	it := described[c.name("group")]
	return fmt.Sprintf("%s, %s, %d members", it.Protocol, it.State, len(it.Members)), it.Err
}
