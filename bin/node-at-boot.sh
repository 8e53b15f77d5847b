#!/bin/sh
# node-at-boot.sh NODE PROGRAM [ARGUMENT...]: runs a program by NODE, or where that is gone (an upgrade by nvm, a package removed)
# by the newest other Node that can run it. systemd starts this: at a boot there may be no Node yet to decide which.
named=$1
shift

# An empty file, as a power cut may leave it, would do nothing and end well: so it has to answer.
runs() {
  [ -x "$1" ] || return
  case $("$1" --version 2>/dev/null) in v20.19.* | v20.[2-9][0-9].* | v2[1-9].* | v[3-9][0-9].*) ;; *) return 1 ;; esac
}

runs "$named" && exec "$named" "$@"

# Version managers' folders, newest first; then the PATH.
home=${HOME:-/root}
IFS='
'
for node in $(ls -d "$home"/.nvm/versions/node/v*/bin/node "$home"/.local/share/fnm/node-versions/v*/installation/bin/node \
  "$home"/.volta/tools/image/node/*/bin/node "$home"/.asdf/installs/nodejs/*/bin/node "$home"/n/bin/node 2>/dev/null | sort -rV) \
  /usr/local/bin/node /usr/bin/node; do
  if runs "$node"; then
    echo "$named is gone: $node is used instead. lifeguard boot install writes that down."
    exec "$node" "$@"
  fi
done
echo "error: $named is gone, and there is no other Node 20.19 or newer. Install one; it is tried again every second." >&2
exit 69 # EX_UNAVAILABLE
