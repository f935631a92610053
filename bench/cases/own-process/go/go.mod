module kafkawire/bench/process

go 1.26.0
