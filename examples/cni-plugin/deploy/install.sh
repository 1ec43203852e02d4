#!/bin/sh
# Puts the plugin on a node: run by the DaemonSet's pod, in which the node's directories are mounted.
#
# The runtime calls the node ready as soon as there is a configuration, and starts pods at once, so the configuration
# comes last. Each file is written beside its place and renamed: a runtime that starts the plugin, or reads the
# configuration, in the meantime finds the old or the new one, never half of one.
set -eu
from=${1:-/plugin}
bin=${CNI_BIN_DIR:-/host/opt/cni/bin}
conf=${CNI_CONF_DIR:-/host/etc/cni/net.d}
file=${CNI_CONF_FILE:-10-example.conflist}
name=veth-bridge
mkdir -p "$bin" "$conf"

# koffi, beside the script; the single executable brings its own.
for native in "$from/.$name"-*; do
  [ -d "$native" ] || continue
  [ -d "$bin/${native##*/}" ] && continue
  rm -rf "$bin/${native##*/}.new"
  cp -R "$native" "$bin/${native##*/}.new"
  mv "$bin/${native##*/}.new" "$bin/${native##*/}"
done

cp "$from/$name" "$bin/.$name.new"
chmod 755 "$bin/.$name.new"
mv -f "$bin/.$name.new" "$bin/$name"

echo "$CNI_NETWORK_CONFIG" >"$conf/.$file.new"
chmod 600 "$conf/.$file.new"
mv -f "$conf/.$file.new" "$conf/$file"
echo "installed $bin/$name and $conf/$file"
