#!/bin/bash
# A hundred phones, each with its own address, that register within a second, as after a
# power cut.  All are asked for a password and know it: nothing is wrong here.
. "$(dirname "$0")/common.sh"

phones=100
lan phones registrar
kamailio_start registrar auth.cfg -A NUMBERS
echo SEQUENTIAL >"$WORK/phones"
for n in $(seq $phones); do
	ip -n "$(netns phones)" addr add "198.18.0.$((100 + n))/24" dev eth0
	echo "$((1000 + n));198.18.0.$((100 + n));[authentication username=$((1000 + n))" \
		"password=secret]" >>"$WORK/phones"
done
record
sipp_at phones registers -inf "$WORK/phones" -t ui -ip_field 1 -max_socket 200 -p 5060 \
	-m $phones -r $phones -l $phones -i "${ADDR[phones]}" "${ADDR[registrar]}:5060"

outcomes=$(awk -F';' 'NR > 1 {
	printf "%s{\"aor\": \"sip:%s@198.18.0.2\", \"src\": \"%s\", ", sep, $1, $2
	printf "\"status\": 200, \"expires_s\": 60}"
	sep = ",\n" }' "$WORK/phones")
PACKAGES="sip-tester kamailio" finish <<-FACTS
{
 "what": "a hundred phones register within a second",
 "legs": [], "streams": [],
 "registrations": {"401": $phones, "200": $phones},
 "outcomes": [
$outcomes],
 "observations": []
}
FACTS
