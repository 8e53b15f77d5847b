#!/bin/sh
# run-once.sh RECORD PROGRAM [ARG...]: runs PROGRAM to its end, ends as it does, and leaves a record if it ended well: to PM2 what was
# killed has ended with 0, too. No word of PROGRAM or its arguments is read as shell.
record=$1
shift
. "${0%/*}/daemon-id.sh"

rm -f "$record"
# PM2 signals the whole tree: the program decides what becomes of a signal, and has it as if this were not here.
trap : HUP INT QUIT TERM USR1 USR2
"$@"
status=$?
[ "$status" -eq 0 ] && echo "done $daemon" > "$record"
exit "$status"
