package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// The kernel's unit of CPU time in /proc; 100 a second on every Linux that Go runs on.
const ticksPerSecond = 100

// Seconds of CPU of all threads of a process; -1 where there is no /proc.
func cpuSeconds(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return -1
	}
	// The name of the program, in parentheses, may have spaces in it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const userTime, systemTime = 11, 12
	user, _ := strconv.ParseFloat(fields[userTime], 64)
	system, _ := strconv.ParseFloat(fields[systemTime], 64)
	return (user + system) / ticksPerSecond
}

// The most memory that a process ever had, in MiB; -1 where there is no /proc.
func peakRssMb(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return -1
}
