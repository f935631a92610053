package main

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
)

const (
	valueBytes = 100
	// Different values, given over and over: making them costs nothing while the clock runs.
	poolSize = 1 << 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// What a row of a table looks like as JSON: compressible, but no two are equal.
type pool struct {
	values [poolSize][]byte
	sums   [poolSize]uint64
}

func newPool() *pool {
	p := new(pool)
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"}
	for i := range p.values {
		text := fmt.Sprintf(`{"id":"%016x","name":"%s","amount":%d.%02d,"at":%d,"note":"`, random.Uint64(),
			names[random.IntN(len(names))], random.IntN(1000), random.IntN(100), 1_700_000_000+i)
		for len(text) < valueBytes-2 {
			text += "x"
		}
		p.values[i] = []byte(text[:valueBytes-2] + `"}`)
		p.sums[i] = sumOf(p.values[i])
	}
	return p
}

// Of one value; the digest of many is the sum of theirs, whatever their order.
func sumOf(value []byte) uint64 {
	return uint64(crc32.Checksum(value, castagnoli))
}

// The digest of the first n values, given over and over.
func (p *pool) digest(n int) uint64 {
	var all uint64
	for _, sum := range p.sums {
		all += sum
	}
	digest := all * uint64(n/poolSize)
	for _, sum := range p.sums[:n%poolSize] {
		digest += sum
	}
	return digest
}
