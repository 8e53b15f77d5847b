#!/bin/sh
# start-gate.sh GATE PROGRAM [ARG...]: waits until lifeguard opens the gate, then becomes PROGRAM: same pid, nothing left of this.
# The gate is a file. It is open when it says "open" and which PM2 daemon that was said for: one of an earlier boot is closed.
# No word of PROGRAM or its arguments is read as shell: they are passed on as they came.
gate=$1
shift
. "${0%/*}/daemon-id.sh"

# Whoever is sh here: a signal ends it, and not only what it waits with.
trap 'exit 130' HUP INT QUIT TERM USR1 USR2

is_open() {
  [ -r "$gate" ] && read -r said < "$gate" && [ "$said" = "open $daemon" ]
}

until is_open; do sleep 0.2; done
exec "$@"
