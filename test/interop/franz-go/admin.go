package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// admin uses kadm: the cluster, topics, offsets, lags, records to delete, groups.
func admin(ctx context.Context, c *cluster, _ []string) (any, error) {
	topic, err := c.createTopic(ctx, "orders", 2)
	if err != nil {
		return nil, err
	}
	if err := c.produce(ctx, topic, 2, 0, 100); err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	observed := map[string]any{}
	steps := []struct {
		name string
		run  func(context.Context, *cluster, *kadm.Client, string) (any, error)
	}{
		{"cluster", describeCluster},
		{"offsets", listOffsets},
		{"lag", lag},
		{"deletedRecords", deleteRecords},
		{"topics", changeTopics},
		{"groups", deleteGroup},
	}
	for _, step := range steps {
		result, err := step.run(ctx, c, adm, topic)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		observed[step.name] = result
	}
	return observed, nil
}

func describeCluster(ctx context.Context, _ *cluster, adm *kadm.Client, topic string) (any, error) {
	metadata, err := adm.Metadata(ctx, topic)
	if err != nil {
		return nil, err
	}
	detail := metadata.Topics[topic]
	leads := true
	for _, partition := range detail.Partitions {
		leads = leads && len(partition.ISR) == 1 && partition.ISR[0] == partition.Leader && partition.LeaderEpoch >= 0
	}
	controllerIsBroker := false
	for _, broker := range metadata.Brokers {
		controllerIsBroker = controllerIsBroker || broker.NodeID == metadata.Controller
	}
	versions, err := adm.ApiVersions(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"hasId": metadata.Cluster != "", "controllerIsBroker": controllerIsBroker, "brokers": len(metadata.Brokers) == len(versions),
		"partitions": len(detail.Partitions), "leadersAreInSync": leads, "hasTopicId": detail.ID != kadm.TopicID{},
	}, nil
}

func listOffsets(ctx context.Context, _ *cluster, adm *kadm.Client, topic string) (any, error) {
	lists := map[string]func() (kadm.ListedOffsets, error){
		"start":     func() (kadm.ListedOffsets, error) { return adm.ListStartOffsets(ctx, topic) },
		"end":       func() (kadm.ListedOffsets, error) { return adm.ListEndOffsets(ctx, topic) },
		"committed": func() (kadm.ListedOffsets, error) { return adm.ListCommittedOffsets(ctx, topic) },
		"since1970": func() (kadm.ListedOffsets, error) { return adm.ListOffsetsAfterMilli(ctx, 1, topic) },
		"tomorrow": func() (kadm.ListedOffsets, error) {
			return adm.ListOffsetsAfterMilli(ctx, time.Now().Add(24*time.Hour).UnixMilli(), topic)
		},
	}
	observed := map[string]any{}
	for name, list := range lists {
		listed, err := list()
		if err == nil {
			err = listed.Error()
		}
		if err != nil {
			return nil, err
		}
		offsets := map[string]string{}
		listed.Each(func(it kadm.ListedOffset) {
			offsets[strconv.Itoa(int(it.Partition))] = fmt.Sprintf("%d epoch %d", it.Offset, it.LeaderEpoch)
		})
		observed[name] = offsets
	}
	return observed, nil
}

func lag(ctx context.Context, c *cluster, adm *kadm.Client, topic string) (any, error) {
	group := c.name("group")
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 20, LeaderEpoch: -1, Metadata: "by hand"})
	offsets.Add(kadm.Offset{Topic: topic, Partition: 1, At: 50, LeaderEpoch: 0})
	if err := adm.CommitAllOffsets(ctx, group, offsets); err != nil {
		return nil, err
	}
	lags, err := adm.Lag(ctx, group)
	if err != nil {
		return nil, err
	}
	described := lags[group]
	if described.Error() != nil {
		return nil, described.Error()
	}
	observed := map[string]any{"state": described.State, "total": described.Lag.Total()}
	for _, it := range described.Lag.Sorted() {
		observed[strconv.Itoa(int(it.Partition))] = fmt.Sprintf("%d behind %d metadata '%s' epoch %d", it.Lag, it.End.Offset, it.Commit.Metadata, it.Commit.LeaderEpoch)
	}
	return observed, nil
}

func deleteRecords(ctx context.Context, _ *cluster, adm *kadm.Client, topic string) (any, error) {
	observed := map[string]any{}
	for _, at := range []int64{30, 10, 1000, -1} {
		offsets := kadm.Offsets{}
		offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: at})
		responses, err := adm.DeleteRecords(ctx, offsets)
		if err != nil {
			return nil, err
		}
		it := responses[topic][0]
		observed[strconv.FormatInt(at, 10)] = fmt.Sprintf("%d %s", it.LowWatermark, errorName(it.Err))
	}
	return observed, nil
}

func changeTopics(ctx context.Context, c *cluster, adm *kadm.Client, topic string) (any, error) {
	observed := map[string]any{}
	grown, err := adm.UpdatePartitions(ctx, 3, topic)
	if err != nil {
		return nil, err
	}
	observed["to 3 partitions"] = errorName(grown.Error())
	shrunk, err := adm.UpdatePartitions(ctx, 1, topic)
	if err != nil {
		return nil, err
	}
	observed["to 1 partition"] = errorName(shrunk[topic].Err)
	created, err := adm.CreateTopics(ctx, 1, 1, nil, topic, "no good")
	if err != nil {
		return nil, err
	}
	observed["create it again"] = errorName(created[topic].Err)
	observed["create with a blank"] = errorName(created["no good"].Err)
	value := "5000"
	altered, err := adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, topic)
	if err != nil {
		return nil, err
	}
	observed["alter a config"] = errorName(altered[0].Err)
	for observed["retention.ms"] != "5000" {
		configs, err := adm.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return nil, err
		}
		for _, config := range configs[0].Configs {
			if config.Key == "retention.ms" {
				observed["retention.ms"] = config.MaybeValue()
				observed["retention.ms from"] = config.Source.String()
			}
		}
	}
	deleted, err := adm.DeleteTopics(ctx, topic, c.name("nowhere"))
	if err != nil {
		return nil, err
	}
	observed["delete"] = errorName(deleted[topic].Err)
	observed["delete what is not there"] = errorName(deleted[c.name("nowhere")].Err)
	return observed, nil
}

func deleteGroup(ctx context.Context, c *cluster, adm *kadm.Client, _ string) (any, error) {
	deleted, err := adm.DeleteGroups(ctx, c.name("group"), c.name("nobody"))
	if err != nil {
		return nil, err
	}
	listed, err := adm.ListGroups(ctx)
	if err != nil {
		return nil, err
	}
	_, isListed := listed[c.name("group")]
	return map[string]any{
		"delete": errorName(deleted[c.name("group")].Err), "delete what is not there": errorName(deleted[c.name("nobody")].Err), "listed": isListed,
	}, nil
}

// leaderEpochs asks where epochs end, and consumes from an offset whose epoch has to be validated first.
func leaderEpochs(ctx context.Context, c *cluster, _ []string) (any, error) {
	topic, err := c.createTopic(ctx, "orders", 1)
	if err != nil {
		return nil, err
	}
	if err := c.produce(ctx, topic, 1, 0, 100); err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	observed := map[string]any{}
	for _, epoch := range []int32{0, 7} {
		ends, err := adm.OffsetForLeaderEpoch(ctx, kadm.OffsetForLeaderEpochRequest{topic: {0: epoch}})
		if err != nil {
			return nil, err
		}
		it := ends[topic][0]
		observed[fmt.Sprintf("end of epoch %d", epoch)] = fmt.Sprintf("epoch %d end %d %s", it.LeaderEpoch, it.EndOffset, errorName(it.Err))
	}
	unknown, err := adm.OffsetForLeaderEpoch(ctx, kadm.OffsetForLeaderEpochRequest{topic: {9: 0}})
	observed["unknown partition"] = errorName(err) + " " + errorName(unknown[topic][9].Err)
	// An offset with an epoch makes the client ask OffsetForLeaderEpoch before it fetches.
	reader, err := c.client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(40).WithEpoch(0)}}))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	seen := 0
	first := int64(-1)
	for seen < 60 {
		fetches := reader.PollFetches(ctx)
		if err := fetchErrors(fetches); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("after %d records: %w", seen, ctx.Err())
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if first < 0 {
				first = record.Offset
				observed["first record's epoch"] = record.LeaderEpoch
			}
			seen++
		})
	}
	observed["read from"] = first
	observed["read"] = seen
	return observed, nil
}
