#!/bin/sh
# Starts a program under a limit, in network and mount namespaces of its own:
#   start.sh LIMIT ARGUMENT -- program …
# Exit code 77: this cannot be had here, with the reason on stderr.
limit=$1 argument=$2
shift 3
ulimit -c 0
mount -t tmpfs limits /run/netns || exit 77
red() { ip netns add red && ip -n red link set lo up && ip link set lo up; }
own_users() { exec unshare --user --map-root-user --net --mount --propagation private -- "$@"; }

case $limit in
ulimit)
  red && ulimit -n "${argument#-n }" && exec "$@" ;;
drop)
  red && exec setpriv --bounding-set="-$argument" --inh-caps="-$argument" -- "$@" ;;
sysctl)
  # A user namespace has limits of its own; those of the machine stay as they are.
  case $argument in
  inotify_instances) own_users sh -c 'mount -t tmpfs limits /run/netns && ip netns add red && ip -n red link set lo up && ip link set lo up && echo 0 >/proc/sys/user/max_inotify_instances && exec "$@"' sh "$@" ;;
  net_namespaces) own_users sh -c 'mount -t tmpfs limits /run/netns && ip netns add red && ip -n red link set lo up && ip link set lo up && echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' sh "$@" ;;
  esac ;;
mount)
  case $argument in
  full) mount -t tmpfs -o nr_inodes=2 limits /run && exec "$@" ;;
  read-only) red && mount -o remount,bind,ro /run/netns && mount -o remount,ro /run/netns && exec "$@" ;;
  no-proc) red && mount -t tmpfs limits /proc && exec "$@" ;;
  hidepid)
    exec unshare --pid --fork --kill-child sh -c 'mount -t proc -o hidepid=2 proc /proc || exit 77; sleep 600 & export ROOTS_PROCESS=$!; exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all -- "$@"' sh "$@" ;;
  esac ;;
many)
  red && exec "$@" ;;
memory)
  red || exit 1
  for count in $(seq 0 19999); do echo "route add 198.18.$((count / 250)).$((count % 250)) dev lo table 7"; done | ip -batch - || exit 1
  program=$1
  shift
  exec "$program" --max-old-space-size=40 "$@" ;;
esac
exit 1
