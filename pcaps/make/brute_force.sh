#!/bin/bash
# Somebody guesses passwords: 60 for one account, of which the last is right, one password
# for 40 accounts, and 20 for calls.  Meanwhile a user mistypes his twice.
. "$(dirname "$0")/common.sh"

lan attacker registrar phone
kamailio_start registrar auth.cfg -A NUMBERS
record
attack() {
	local host=$1
	shift
	on "$host" python3 "$MAKE/attacker.py" "${ADDR[$host]}" "${ADDR[registrar]}" "$@" \
		>"$WORK/$host.json"
}
guesses=$(printf 'pass%d ' $(seq 59))
calls=()
for n in $(seq 20); do
	calls+=("call 1001 $n 0088216000$n")
done
attack phone --agent 'Phone 1.0' --pause 1 'guess 1500 Secret secrets secret' &
user=$!
PIDS+=("$user")
attack attacker --agent sipcli/v1.8 "guess 1001 $guesses secret" 'spray 1234 1980 2019' \
	"${calls[@]}"
wait $user

python3 "$MAKE/attack.py" 'passwords are guessed, of one account and of many' \
	"${ADDR[registrar]}" "${ADDR[attacker]}=$WORK/attacker.json" \
	"+${ADDR[phone]}=$WORK/phone.json" >"$WORK/$NAME.facts"
PACKAGES="kamailio" finish <"$WORK/$NAME.facts"
