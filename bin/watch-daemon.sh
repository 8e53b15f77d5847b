#!/bin/sh
# watch-daemon.sh PID PIDFILE UNIT: a user's systemd is told of the end of its own children alone. A daemon that a login has started, and that it
# took over, is none of them: this waits for its end, and has the unit started anew. A daemon that ends in order takes its PIDFILE away.
tail --pid="$1" -s 1 -f /dev/null
[ "$(cat "$2" 2>/dev/null)" = "$1" ] && exec systemctl --user --no-block restart "$3"
