/*
 * sip_frame.h - where a SIP message ends in a byte stream (RFC 3261 section 18.3).
 */
#ifndef EARSHOT_WIRE_SIP_FRAME_H
#define EARSHOT_WIRE_SIP_FRAME_H

#include "analyzer/base/text.h"

enum sip_frame_result {
	SIP_FRAME_MESSAGE, /* `skip` bytes of no use, then `len` bytes of a message */
	SIP_FRAME_MORE, /* `skip` bytes can go; the rest is no whole line or message yet */
};

struct sip_frame {
	enum sip_frame_result result;
	size_t skip;
	size_t len;
	bool resynchronised; /* more than blank lines was skipped: a gap, foreign bytes */
};

/*
 * Looks at the bytes received so far, in order.  A keep-alive CRLF is skipped.  Bytes
 * that begin like no SIP message are skipped up to the next start line, and so is a
 * message with more than 64 KiB of headers.  No Content-Length:
 * no body (a stream message must have one; so the next start line decides).  Where
 * Content-Length is no number, says two things or makes the message longer than 256 KiB,
 * the headers alone are given: sip_parse judges and counts them, their body is skipped.
 */
struct sip_frame sip_frame_next(struct span bytes);

#endif
