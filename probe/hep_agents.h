/*
 * hep_agents.h - who tells by HEP: one entry for each address and capture id, with what
 * came of it, and how its clock is.  A bounded table: who said nothing for the longest time
 * makes room, which is counted.
 */
#ifndef EARSHOT_PROBE_HEP_AGENTS_H
#define EARSHOT_PROBE_HEP_AGENTS_H

#include "analyzer/wire/hep.h"
#include "probe/source_clock.h"

enum { HEP_AGENTS = 64 };

struct hep_agent {
	struct address address;
	uint32_t capture_id;
	bool is_there;
	bool told_wrong; /* its clock, and somebody was told */
	uint64_t facts, sip, rtcp, rtp, logs, others;
	struct source_clock clock;
	nstime last; /* arrival */
};

struct hep_agents {
	struct hep_agent of[HEP_AGENTS];
	uint64_t evicted;
};

/* Notes a fact of the agent at that address; the entry stays where it is until others come.
 * *at: the time to take it at. */
struct hep_agent *hep_agents_note(struct hep_agents *agents, const struct address *from,
                                  const struct hep *hep, nstime arrival, nstime *at);

/* Its place in the table, from 1. */
uint16_t hep_agent_number(const struct hep_agents *agents, const struct hep_agent *agent);

#endif
