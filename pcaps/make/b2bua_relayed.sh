#!/bin/bash
# A call through a back-to-back user agent of our own, its media relayed by
# rtpengine.  Call-ID, tags, headers and both numbers are others on the second leg; sequence
# numbers and timestamps are the sender's on both.  As the callee may send what rtpengine has
# to transcode, it gives what comes from him another SSRC, though nothing is transcoded; the
# caller's SSRC stays.
. "$(dirname "$0")/b2bua_relayed.inc"

lan caller b2bua callee
relay_start
record
relayed_call

PACKAGES="sip-tester rtpengine-daemon" finish <<-FACTS
{
 "what": "a call through a back-to-back user agent that relays the media",
 $(relayed_facts 0 0)
}
FACTS
