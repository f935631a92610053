package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"kafkawire/bench/process"
)

const (
	earlyByte = 8
	lateByte  = 2
)

// When the process began to read, how long it warms up and measures; and what it measured.
type clock struct {
	warmUp, measure time.Duration
	startedAt       time.Time
	warmFrom        time.Time
	isWarm, isOver  bool
	coldMs          float64
	records         int
	elapsed         time.Duration
	cpuSeconds      float64

	isRunning  bool
	since      time.Time
	sinceCount int
	sinceCPU   float64
}

func newClock(p process.Plan) *clock {
	return &clock{
		warmUp:    time.Duration(p.Number("warmUpMs")) * time.Millisecond,
		measure:   time.Duration(p.Number("measureMs")) * time.Millisecond,
		startedAt: time.Now(),
	}
}

// Something was delivered and looked at, so many since the pass began; was it the last of the pass?
func (c *clock) delivered(count int, isLast bool) {
	now := time.Now()
	if c.warmFrom.IsZero() {
		c.coldMs = process.MsSince(c.startedAt)
		c.warmFrom = now
	}
	if c.isRunning {
		elapsed := now.Sub(c.since)
		c.isOver = c.elapsed+elapsed >= c.measure
		if c.isOver || isLast {
			c.isRunning = false
			c.cpuSeconds += process.CPUSeconds() - c.sinceCPU
			c.elapsed += elapsed
			c.records += count - c.sinceCount
		}
		return
	}
	c.isWarm = c.isWarm || now.Sub(c.warmFrom) >= c.warmUp
	if c.isWarm && !isLast && !c.isOver {
		c.isRunning = true
		c.since, c.sinceCount, c.sinceCPU = time.Now(), count, process.CPUSeconds()
	}
}

// What a pass read, by partition, and the sum of what was looked at.
type passResult struct {
	Counts []int64 `json:"counts"`
	Sum    uint64  `json:"sum"`
}

type pass struct {
	passResult
	clock     *clock
	count     int
	expected  int
	isLatency bool
	latencies []float64
	problem   error
}

func newPass(p process.Plan, c *clock) *pass {
	result := pass{clock: c, expected: p.Number("records"), isLatency: p["style"] == "latency"}
	result.Counts = make([]int64, p.Number("partitions"))
	if result.isLatency {
		result.expected = math.MaxInt
	}
	return &result
}

func (p *pass) take(partition int32, offset int64, value []byte) {
	if offset != p.Counts[partition] {
		p.problem = fmt.Errorf("partition %d: offset %d where %d is next", partition, offset, p.Counts[partition])
	}
	p.Counts[partition] = offset + 1
	p.Sum += uint64(len(value)) + uint64(value[earlyByte]) + uint64(value[len(value)-lateByte])
	p.count++
	if p.isLatency && p.clock.isWarm {
		sentAt := time.UnixMicro(int64(binary.BigEndian.Uint64(value)))
		p.latencies = append(p.latencies, process.MsSince(sentAt))
	}
}

// To be asked when what was delivered together is taken: whether the pass is over.
func (p *pass) look() bool {
	isLast := p.count >= p.expected
	p.clock.delivered(p.count, isLast)
	return isLast || p.clock.isOver || p.problem != nil
}
