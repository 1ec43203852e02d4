// Lists what it is told to with vishvananda/netlink, several times, and prints the milliseconds of each.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/vishvananda/netlink"
)

func main() {
	what := os.Args[1]
	times, _ := strconv.Atoi(os.Args[2])
	for i := 0; i < times; i++ {
		start := time.Now()
		count := 0
		switch what {
		case "routes":
			routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
			check(err)
			count = len(routes)
		case "links":
			links, err := netlink.LinkList()
			check(err)
			count = len(links)
		case "addresses":
			addresses, err := netlink.AddrList(nil, netlink.FAMILY_ALL)
			check(err)
			count = len(addresses)
		}
		fmt.Printf("%d %f\n", count, float64(time.Since(start).Microseconds())/1000)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
