package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// step of a plan for producers, see ../theirs/plan.ts.
type step struct {
	Do              string          `json:"do"`
	By              string          `json:"by"`
	Codec           string          `json:"codec"`
	BatchBytes      int32           `json:"batchBytes"`
	TransactionalID *string         `json:"transactionalId"`
	Records         []plannedRecord `json:"records"`
}

type plannedRecord struct {
	Partition int32        `json:"partition"`
	Timestamp *string      `json:"timestamp"`
	Key       *string      `json:"key"`
	Value     *string      `json:"value"`
	Headers   [][2]*string `json:"headers"`
}

// write follows a plan that is on the standard input; it gives offset and timestamp of every record. Option: topic.
func write(ctx context.Context, c *cluster, options []string) (any, error) {
	var steps []step
	if err := json.NewDecoder(os.Stdin).Decode(&steps); err != nil {
		return nil, err
	}
	producers := map[string]*kgo.Client{}
	told := [][2]int64{}
	for _, it := range steps {
		var err error
		switch producer := producers[it.By]; it.Do {
		case "open":
			producers[it.By], err = openProducer(c, it)
		case "begin":
			err = producer.BeginTransaction()
		case "send":
			var places [][2]int64
			places, err = sendPlanned(ctx, producer, options[0], it.Records)
			told = append(told, places...)
		case "commit":
			err = producer.EndTransaction(ctx, kgo.TryCommit)
		case "abort":
			err = producer.EndTransaction(ctx, kgo.TryAbort)
		case "close":
			producer.Close()
		default:
			err = errors.New("unknown step")
		}
		if err != nil {
			return nil, fmt.Errorf("%s by %s: %w", it.Do, it.By, err)
		}
	}
	return told, nil
}

func openProducer(c *cluster, it step) (*kgo.Client, error) {
	options := []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codecsByName[it.Codec]),
		kgo.ProducerBatchMaxBytes(it.BatchBytes),
		kgo.ProducerLinger(5 * time.Millisecond),
	}
	if it.TransactionalID != nil {
		options = append(options, kgo.TransactionalID(*it.TransactionalID))
	}
	return c.client(options...)
}

func sendPlanned(ctx context.Context, producer *kgo.Client, topic string, planned []plannedRecord) ([][2]int64, error) {
	records := make([]*kgo.Record, 0, len(planned))
	for _, it := range planned {
		record, err := it.record(topic)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, err
	}
	places := make([][2]int64, 0, len(records))
	for _, record := range records {
		places = append(places, [2]int64{record.Offset, record.Timestamp.UnixMilli()})
	}
	return places, nil
}

func (p plannedRecord) record(topic string) (*kgo.Record, error) {
	record := &kgo.Record{Topic: topic, Partition: p.Partition}
	if p.Timestamp != nil {
		millis, err := strconv.ParseInt(*p.Timestamp, 10, 64)
		if err != nil {
			return nil, err
		}
		record.Timestamp = time.UnixMilli(millis)
	}
	var failures [2]error
	record.Key, failures[0] = bytesOf(p.Key)
	record.Value, failures[1] = bytesOf(p.Value)
	for _, header := range p.Headers {
		value, err := bytesOf(header[1])
		if err != nil {
			return nil, err
		}
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: *header[0], Value: value})
	}
	return record, errors.Join(failures[:]...)
}

func bytesOf(text *string) ([]byte, error) {
	if text == nil {
		return nil, nil
	}
	return hex.DecodeString(*text)
}
