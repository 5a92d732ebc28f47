/*
 * tally.h - every SIP message that was seen, by method, or by status and method.
 */
#ifndef EARSHOT_TRACK_TALLY_H
#define EARSHOT_TRACK_TALLY_H

#include "analyzer/wire/sip.h"

enum {
	TALLY_STATUS_MAX = 699,
	TALLY_OTHER_METHODS = 64, /* method names outside our table, verbatim */
	TALLY_OTHER_PAIRS = 256,  /* (status, method) pairs of such methods */
	TALLY_NAME = 64,
};

/*
 * Every SIP message by method, or by status and method ("200 (INVITE)").  Index
 * SIP_METHOD_OTHER of `responses` counts responses without CSeq ("200 (None)").
 */
struct sip_tally {
	uint64_t requests[SIP_METHOD_COUNT];
	uint64_t responses[TALLY_STATUS_MAX + 1][SIP_METHOD_COUNT];
	size_t other_count; /* methods in use below */
	struct {
		char name[TALLY_NAME];
		uint64_t requests;
	} other[TALLY_OTHER_METHODS];
	uint64_t other_requests; /* of methods past the cap */
	size_t pair_count;
	struct {
		uint16_t
		        method; /* index into `other`, TALLY_OTHER_METHODS = past the cap */
		uint16_t status;
		uint64_t count;
	} pairs[TALLY_OTHER_PAIRS];
	uint64_t pairs_not_told_apart;
	uint64_t faults[SIP_FAULT_COUNT]; /* malformed messages, by reason; counted nowhere
	                                     else */
};

void sip_tally_add(struct sip_tally *tally, const struct sip_message *message);

#endif
