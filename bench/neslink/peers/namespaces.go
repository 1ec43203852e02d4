// The job of bench/neslink in Go: the given number of namespaces, each with a bridge, a veth pair and two addresses,
// made by goroutines, each on a locked thread: <count> <prefix> <goroutines>.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func build(home netns.NsHandle, name string) {
	ns, err := netns.NewNamed(name)
	check(err)
	check(netns.Set(home))
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns, 0) // NETLINK_ROUTE
	check(err)
	defer h.Delete()

	attrs := netlink.NewLinkAttrs()
	attrs.Name = "br0"
	check(h.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}))
	bridge, err := h.LinkByName("br0")
	check(err)
	attrs = netlink.NewLinkAttrs()
	attrs.Name = "v0"
	attrs.MasterIndex = bridge.Attrs().Index
	check(h.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "v1"}))
	for link, address := range map[string]string{"br0": "192.0.2.1/24", "v1": "192.0.2.2/24", "v0": ""} {
		l, err := h.LinkByName(link)
		check(err)
		if address != "" {
			a, err := netlink.ParseAddr(address)
			check(err)
			check(h.AddrAdd(l, a))
		}
		check(h.LinkSetUp(l))
	}
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	check(err)
	goroutines, err := strconv.Atoi(os.Args[3])
	check(err)
	start := time.Now()
	names := make(chan string)
	var workers sync.WaitGroup
	for i := 0; i < goroutines; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			runtime.LockOSThread()
			home, err := netns.Get()
			check(err)
			defer home.Close()
			for name := range names {
				build(home, name)
			}
		}()
	}
	for i := 0; i < count; i++ {
		names <- fmt.Sprintf("%s%d", os.Args[2], i)
	}
	close(names)
	workers.Wait()
	wall := time.Since(start).Seconds()
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	fmt.Println(wall, float64(used.Utime.Nano()+used.Stime.Nano())/1e9)
}
