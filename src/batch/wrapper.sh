# From here on the text is the same for every job. Only builtins, but for one ln, one date and one mv.

# fail CODE TEXT: an end before the program could start. TEXT is one of this script's own, without quotes.
fail() {
  finish setup "$1" "$2"
}

# finish PHASE CODE [TEXT]: leaves the final record. Not synced: a record lost with the machine's memory is found
# missing, and the job is then reported as lost with its host; a sync would cost more than a short job.
finish() {
  disarm
  now=$started_ms
  if [ -n "$ticks" ] && read -r ticks_now _ </proc/uptime; then
    ticks_now=${ticks_now%.*}${ticks_now#*.}
    now=$((started_ms + (ticks_now - ticks) * 10))
  fi
  times >"$records/.times.$mine"
  { read -r _ && read -r user system; } <"$records/.times.$mine"
  how="\"code\":$2"
  if [ "$1" = payload ] && [ "$2" -gt 128 ] && [ "$2" -le 192 ]; then how="\"signal\":$(($2 - 128))"; fi
  {
    printf '{"version":1,"token":"%s","native":"%s",%s,"phase":"%s",' "$token" "$native" "$how" "$1" &&
      printf '"limit":"%s","stopped":"%s","text":"%s",' "$limit" "$stopped" "${3-}" &&
      printf '"user":"%s","system":"%s",' "$user" "$system" &&
      printf '"started_ms":%s,"ended_ms":%s}\n' "$started_ms" "$now"
  } >"$records/.exit.$mine" &&
    mv -f "$records/.exit.$mine" "$records/exit.json"
  exit "$2"
}

# tell SIGNAL: to the program's whole group; before it has one, to the process that becomes it.
tell() {
  kill -s "$1" -- "-$payload" 2>/dev/null || kill -s "$1" "$payload" 2>/dev/null || :
}

# arm SECONDS: an ALRM to this script after that time.
arm() {
  disarm
  (
    trap 'kill "$!" 2>/dev/null; exit 0' TERM
    sleep "$1" &
    wait "$!" && kill -s ALRM "$$"
  ) &
  alarm=$!
}

disarm() {
  [ -z "$alarm" ] || kill "$alarm" 2>/dev/null || :
  alarm=
}

# forward SIGNAL
forward() {
  interrupted=yes
  [ -z "$payload" ] || tell "$1"
}

# stop SIGNAL: asked from outside. A program started in the background ignores INT and QUIT, so TERM follows them.
stop() {
  interrupted=yes
  [ -n "$stopped$limit" ] || stopped=$1
  [ -n "$payload" ] || return 0
  [ "$1" = TERM ] || tell "$1"
  tell TERM
  tell CONT
  [ -n "$stopping" ] || arm "$grace"
  stopping=yes
}

# The wall clock limit, or the end of the grace.
alarmed() {
  interrupted=yes
  if [ -n "$stopping" ]; then
    tell KILL
  else
    limit=wall
    stop TERM
  fi
}

exec </dev/null >>"$records/wrapper.log" 2>&1

interrupted='' stopped='' limit='' stopping='' payload='' alarm='' ticks='' host='' boot='' pid_start=0
user=0m0s system=0m0s
trap 'stop TERM' TERM
trap 'stop INT' INT
trap 'stop QUIT' QUIT
trap 'forward HUP' HUP
trap 'forward XCPU' XCPU
trap 'forward USR1' USR1
trap 'forward USR2' USR2
trap alarmed ALRM

started_ms=$(date +%s%3N)
case $started_ms in *[!0-9]*) started_ms=$(date +%s)000 ;; esac
{ read -r ticks _ </proc/uptime; } 2>/dev/null || :
ticks=${ticks%.*}${ticks#*.}
{ read -r host </proc/sys/kernel/hostname; } 2>/dev/null || :
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || :
case $host in '' | *[!A-Za-z0-9._-]*) host=unknown ;; esac

# start_of PID: its start time, the 22nd field of its stat line, into $start_of. The name before it may contain
# anything.
start_of() {
  start_of=0
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # split on purpose
  set -- ${stat##*) }
  start_of=${20:-0}
}
start_of "$$"
pid_start=$start_of
mine=$host.$$

# The fence. A link is made or is refused in one step, also over NFS: of all scripts with this token, and a broker
# that wants none of them to start any more, exactly one gets the name. The second name of the file stays; removing it
# costs a process.
record="{\"version\":1,\"token\":\"$token\",\"native\":\"$native\",\"host\":\"$host\",\"boot\":\"$boot\""
record="$record,\"pid\":$$,\"pid_start\":$pid_start,\"started_ms\":$started_ms}"
printf '%s\n' "$record" >"$records/.start.$mine" || exit 74
if ! ln "$records/.start.$mine" "$records/start.json"; then
  # A lost answer of a file server looks like a refusal.
  winner=
  { read -r winner <"$records/start.json"; } 2>/dev/null || :
  [ "$winner" = "$record" ] || exit 75
fi

cd "$work" || fail 66 'the working directory is not there or may not be entered on this host'
[ -r "$stdin" ] || fail 66 'the standard input cannot be read'
# shellcheck disable=SC2217 # only opened
true 2>/dev/null >"$stdout" || fail 73 'the standard output cannot be written'
# shellcheck disable=SC2217
true 2>/dev/null >"$stderr" || fail 73 'the standard error cannot be written'
setsid=
for candidate in /usr/bin/setsid /bin/setsid; do
  if [ -x "$candidate" ]; then setsid=$candidate; break; fi
done
if [ -n "$stopped" ]; then finish setup 143 'stopped before the program could start'; fi

(payload) &
payload=$!
start_of "$payload"
printf '%s %s\n' "$payload" "$start_of" >"$records/payload"
if [ -n "$stopped" ]; then stop TERM; fi
if [ "$wall" -gt 0 ] && [ -z "$stopping" ]; then arm "$wall"; fi

# A signal ends a wait with a code of its own. Then the program is waited for again; the code 127 of the second wait
# means that the first one had already seen its end.
code=
while :; do
  interrupted=
  wait "$payload"
  seen=$?
  if [ "$seen" = 127 ] && [ -n "$code" ]; then break; fi
  code=$seen
  [ -n "$interrupted" ] || break
done
disarm

# What the program started may still be ending itself; what it left behind otherwise ends now.
left=$((grace * 5))
while [ -n "$stopping" ] && [ "$left" -gt 0 ] && kill -s 0 -- "-$payload" 2>/dev/null; do
  sleep 0.2
  left=$((left - 1))
done
kill -s KILL -- "-$payload" 2>/dev/null || :

if [ -e "$records/no_launcher" ]; then fail 72 'the launcher for parallel programs is not installed on this host'; fi
if [ -e "$records/no_limit" ]; then
  { read -r what <"$records/no_limit"; } 2>/dev/null || :
  case ${what-} in '' | *[!a-z\ ]*) what=something ;; esac
  fail 71 "the limit on $what cannot be set on this host"
fi
finish payload "$code"
