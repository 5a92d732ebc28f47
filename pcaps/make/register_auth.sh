#!/bin/bash
# Softphones and a registrar: one registers and later takes itself off again, one has the
# wrong password, one is not known at all.
. "$(dirname "$0")/common.sh"

lan phone registrar intruder stranger
kamailio_start registrar auth.cfg
record
domain=${ADDR[registrar]}
baresip_start phone "alice@$domain" 440 "auth_pass=secret;regint=60"
until_logged baresip.phone.log '200 OK'
sleep 2
baresip_do phone quit
baresip_start intruder "bob@$domain" 440 "auth_pass=wrong;regint=60"
baresip_start stranger "carol@$domain" 440 "auth_pass=secret;regint=60"
sleep 2
baresip_do stranger quit
baresip_do intruder quit
sleep 1

PACKAGES="baresip-core kamailio" finish <<-'FACTS'
{
 "what": "register, unregister, a wrong password and an unknown user",
 "legs": [], "streams": [],
 "registrations": [401, 200, 401, 200, 401, 403, 404],
 "outcomes": [
  {"aor": "sip:alice@198.18.0.2", "src": "198.18.0.1", "status": 200, "expires_s": 60},
  {"aor": "sip:alice@198.18.0.2", "src": "198.18.0.1", "status": 200, "expires_s": 0},
  {"aor": "sip:bob@198.18.0.2", "src": "198.18.0.3", "status": 403, "expires_s": 60},
  {"aor": "sip:carol@198.18.0.2", "src": "198.18.0.4", "status": 404, "expires_s": 60}]
}
FACTS
