#!/bin/sh
# ended-unseen.sh PID PIDFILE: a daemon that dies after the last look of the unit's program, and before systemd's first, leaves systemd waiting for
# another pid in PIDFILE, for as long as a start may take. So this one, in the unit's group, looks once more. Had systemd known the daemon, this one
# would have been ended with it; else it takes the daemon's place and fails, so that the unit is started anew.
sleep 1
[ -e "/proc/$1" ] && exit 0
[ "$(cat "$2" 2>/dev/null)" = "$1" ] || exit 0 # Another one is there, or it has ended in order.
echo $$ >"$2"
sleep 1
exit 75 # EX_TEMPFAIL
