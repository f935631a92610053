// Package process is what the programs for Go have in common: how a run is described to them, and what is asked of their process.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Plan has the settings of a run.
type Plan map[string]string

// PlanFromArguments takes `name=value…`.
func PlanFromArguments() Plan {
	plan := Plan{}
	for _, argument := range os.Args[1:] {
		name, value, _ := strings.Cut(argument, "=")
		plan[name] = value
	}
	return plan
}

// Number is a setting that is a number.
func (p Plan) Number(name string) int {
	number, err := strconv.Atoi(p[name])
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return number
}

// CPUSeconds is the time of this process, all threads, user and system.
func CPUSeconds() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return (time.Duration(usage.Utime.Nano()) + time.Duration(usage.Stime.Nano())).Seconds()
}

// PeakRssMb is the most memory that this process ever had, in MiB; 0 where there is no /proc.
func PeakRssMb() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// Percentile of what is sorted already.
func Percentile(sorted []float64, fraction float64) *float64 {
	return &sorted[min(len(sorted)-1, int(float64(len(sorted))*fraction))]
}

// MsSince is the time that has passed, in milliseconds.
func MsSince(start time.Time) float64 {
	return float64(time.Since(start).Nanoseconds()) / 1e6
}
