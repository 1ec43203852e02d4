// The steps of goarista's netns.Do, with vishvananda/netns:
//
//	do <name> <rounds>     prints nanoseconds per call
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/vishvananda/netns"
)

func do(name string, callback func() error) error {
	if name == "" {
		return callback()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		return err
	}
	defer home.Close()
	target, err := netns.GetFromName(name)
	if err != nil {
		return err
	}
	defer target.Close()
	if err := netns.Set(target); err != nil {
		return err
	}
	result := callback()
	if err := netns.Set(home); err != nil {
		panic(err)
	}
	return result
}

func main() {
	rounds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	counter := 0
	run := func(count int) time.Duration {
		start := time.Now()
		for i := 0; i < count; i++ {
			if err := do(os.Args[1], func() error { counter++; return nil }); err != nil {
				panic(err)
			}
		}
		return time.Since(start)
	}
	run(rounds / 10)
	fmt.Println(float64(run(rounds).Nanoseconds()) / float64(rounds))
}
