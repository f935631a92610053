package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	createTimeoutMs = 60_000
	// How often to look whether the broker has got so far; only Kafka answers before it has.
	lookAgain = 5 * time.Millisecond
)

type administered struct {
	Topics           int     `json:"topics"`
	CreateMs         float64 `json:"createMs"`
	DescribeMs       float64 `json:"describeMs"`
	MetadataMs       float64 `json:"metadataMs"`
	BrokerCPUSeconds float64 `json:"brokerCpuSeconds"`
	PeakRssMb        float64 `json:"peakRssMb"`
}

// One request creates all topics, then they are described in pages, then all come in one answer. Nothing is warmed up: a test that makes its
// topics meets a broker that has just started.
func adminLoad(ctx context.Context, p plan) (any, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(p.bootstrap), kgo.DisableClientMetrics())
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	if err := cl.Ping(ctx); err != nil {
		return nil, err
	}
	result := administered{Topics: p.topics}
	cpuBefore := cpuSeconds(p.brokerPid)
	for _, step := range []struct {
		ms  *float64
		run func(context.Context, *kgo.Client, plan) error
	}{{&result.CreateMs, createTopics}, {&result.DescribeMs, describeTopics}, {&result.MetadataMs, allMetadata}} {
		start := time.Now()
		if err := step.run(ctx, cl, p); err != nil {
			return nil, err
		}
		*step.ms = float64(time.Since(start).Microseconds()) / 1000
	}
	result.BrokerCPUSeconds = cpuSeconds(p.brokerPid) - cpuBefore
	result.PeakRssMb = peakRssMb(p.brokerPid)
	return result, nil
}

func topicName(index int) string {
	return fmt.Sprintf("topic-%04d", index)
}

func createTopics(ctx context.Context, cl *kgo.Client, p plan) error {
	request := kmsg.NewPtrCreateTopicsRequest()
	request.TimeoutMillis = createTimeoutMs
	for index := range p.topics {
		one := kmsg.NewCreateTopicsRequestTopic()
		one.Topic, one.NumPartitions, one.ReplicationFactor = topicName(index), int32(p.partitions), 1
		request.Topics = append(request.Topics, one)
	}
	response, err := request.RequestWith(ctx, cl)
	if err != nil {
		return err
	}
	for _, one := range response.Topics {
		if err := kerr.ErrorForCode(one.ErrorCode); err != nil {
			reason := err.Error()
			if one.ErrorMessage != nil {
				reason = *one.ErrorMessage
			}
			return fmt.Errorf("CreateTopics refused %s with error %d: %s", one.Topic, one.ErrorCode, reason)
		}
	}
	if len(response.Topics) != p.topics {
		return fmt.Errorf("%d topics were created instead of %d", len(response.Topics), p.topics)
	}
	return nil
}

// Answers come in pages of up to 2,000 partitions, each with where the next one begins.
func describeTopics(ctx context.Context, cl *kgo.Client, p plan) error {
	for {
		described, err := describeOnce(ctx, cl, p)
		if err != nil || described == p.topics*p.partitions {
			return err
		}
		time.Sleep(lookAgain)
	}
}

func describeOnce(ctx context.Context, cl *kgo.Client, p plan) (int, error) {
	request := kmsg.NewPtrDescribeTopicPartitionsRequest()
	for index := range p.topics {
		one := kmsg.NewDescribeTopicPartitionsRequestTopic()
		one.Topic = topicName(index)
		request.Topics = append(request.Topics, one)
	}
	described := 0
	for {
		response, err := request.RequestWith(ctx, cl)
		if err != nil {
			return 0, err
		}
		for _, one := range response.Topics {
			described += len(one.Partitions)
		}
		if response.NextCursor == nil {
			return described, nil
		}
		cursor := kmsg.NewDescribeTopicPartitionsRequestCursor()
		cursor.Topic, cursor.Partition = response.NextCursor.Topic, response.NextCursor.Partition
		request.Cursor = &cursor
	}
}

func allMetadata(ctx context.Context, cl *kgo.Client, p plan) error {
	response, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
	if err != nil {
		return err
	}
	partitions := 0
	for _, one := range response.Topics {
		partitions += len(one.Partitions)
	}
	if partitions < p.topics*p.partitions {
		return fmt.Errorf("the metadata has %d partitions instead of %d", partitions, p.topics*p.partitions)
	}
	return nil
}
