package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pollsPerCommit is how many polls are between two commits: who is killed has something uncommitted.
const pollsPerCommit = 3

var balancers = map[string]func() kgo.GroupBalancer{
	"range":              kgo.RangeBalancer,
	"roundrobin":         kgo.RoundRobinBalancer,
	"sticky":             kgo.StickyBalancer,
	"cooperative-sticky": kgo.CooperativeStickyBalancer,
}

// mixedMembers are members of a group that has members of other clients, too. Told line by line whom to let join and leave; each writes
// down what it does as ../mixed/journal.ts says. Options: the group, the topic, the protocol.
func mixedMembers(_ context.Context, c *cluster, options []string) (any, error) {
	members := map[string]*mixedMember{}
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		words := strings.Fields(commands.Text())
		switch words[0] {
		case "join":
			m, err := joinMixed(c, words[1], options)
			if err != nil {
				return nil, err
			}
			members[words[1]] = m
		case "leave":
			members[words[1]].stop()
		}
	}
	return map[string]any{}, commands.Err()
}

// mixedMember is a member that commits what it has handled from time to time, and before it gives a partition away.
type mixedMember struct {
	name   string
	topic  string
	client *kgo.Client
	stop   context.CancelFunc
}

func joinMixed(c *cluster, name string, options []string) (*mixedMember, error) {
	group, topic, protocol := options[0], options[1], options[2]
	m := &mixedMember{name: name, topic: topic}
	all := []kgo.Opt{
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			m.told("assigned", assigned)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, revoked map[string][]int32) {
			m.commit(ctx, client)
			m.told("revoked", revoked)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			m.told("lost", lost)
		}),
	}
	if protocol == "consumer" {
		all = append(all, kgo.Balancers(kgo.StickyBalancer()), kgo.ServerSideBalancer())
	} else {
		all = append(all, kgo.Balancers(balancers[protocol]()),
			kgo.SessionTimeout(milliseconds("SESSION_MS")), kgo.HeartbeatInterval(milliseconds("HEARTBEAT_MS")))
	}
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

func milliseconds(name string) time.Duration {
	count, _ := strconv.Atoi(os.Getenv(name))
	return time.Duration(count) * time.Millisecond
}

func (m *mixedMember) work(ctx context.Context) {
	for polls := 1; ctx.Err() == nil; polls++ {
		polled, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		fetches := m.client.PollRecords(polled, 1000)
		cancel()
		if err := fetchErrors(fetches); err != nil {
			m.note(map[string]any{"what": "failed", "error": err.Error()})
			return
		}
		records := [][2]int64{}
		fetches.EachRecord(func(record *kgo.Record) {
			records = append(records, [2]int64{int64(record.Partition), record.Offset})
		})
		if len(records) > 0 {
			m.note(map[string]any{"what": "read", "records": records})
		}
		if polls%pollsPerCommit == 0 {
			m.commit(context.Background(), m.client)
		}
		m.client.AllowRebalance()
	}
	m.client.Close()
	m.note(map[string]any{"what": "left"})
}

func (m *mixedMember) commit(ctx context.Context, client *kgo.Client) {
	uncommitted := client.UncommittedOffsets()
	if len(uncommitted) == 0 {
		return
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		// The rebalance that is going on will ask for a commit again.
		if errorName(err) != "REBALANCE_IN_PROGRESS" {
			m.note(map[string]any{"what": "failed", "error": "commit: " + err.Error()})
		}
		return
	}
	offsets := [][2]int64{}
	for partition, offset := range uncommitted[m.topic] {
		offsets = append(offsets, [2]int64{int64(partition), offset.Offset})
	}
	m.note(map[string]any{"what": "committed", "offsets": offsets})
}

func (m *mixedMember) told(what string, partitions map[string][]int32) {
	numbers := append([]int32{}, partitions[m.topic]...)
	m.note(map[string]any{"what": what, "partitions": numbers})
}

var output sync.Mutex

func (m *mixedMember) note(fact map[string]any) {
	fact["at"] = float64(time.Now().UnixMicro()) / 1000
	fact["member"] = m.name
	line, err := json.Marshal(fact)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}
