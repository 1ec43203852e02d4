#!/bin/sh
# The job of bench/neslink as a shell script of iproute2: namespaces.sh <count> <prefix>
set -e
i=0
while [ "$i" -lt "$1" ]; do
  ns=$2$i
  ip netns add "$ns"
  ip -n "$ns" link add br0 type bridge
  ip -n "$ns" link add v0 master br0 type veth peer name v1
  ip -n "$ns" addr add 192.0.2.1/24 dev br0
  ip -n "$ns" addr add 192.0.2.2/24 dev v1
  ip -n "$ns" link set br0 up
  ip -n "$ns" link set v0 up
  ip -n "$ns" link set v1 up
  i=$((i + 1))
done
