#include "probe/hep_agents.h"

static struct hep_agent *find(struct hep_agents *agents, const struct address *from,
                              uint32_t capture_id)
{
	struct hep_agent *oldest = &agents->of[0];
	for (size_t i = 0; i < HEP_AGENTS; i++) {
		struct hep_agent *agent = &agents->of[i];
		if (agent->is_there && agent->capture_id == capture_id &&
		    address_equal(&agent->address, from))
			return agent;
		if (oldest->is_there && (!agent->is_there || agent->last < oldest->last))
			oldest = agent;
	}
	agents->evicted += oldest->is_there;
	*oldest = (struct hep_agent){ .address = *from,
		                      .capture_id = capture_id,
		                      .is_there = true };
	return oldest;
}

struct hep_agent *hep_agents_note(struct hep_agents *agents, const struct address *from,
                                  const struct hep *hep, nstime arrival, nstime *at)
{
	struct hep_agent *agent = find(agents, from, hep->capture_id);
	agent->last = arrival;
	agent->facts++;
	switch (hep->type) {
	case HEP_SIP:
		agent->sip++;
		break;
	case HEP_RTCP:
		agent->rtcp++;
		break;
	case HEP_RTP_SHORT:
	case HEP_RTP_FINAL:
		agent->rtp++;
		break;
	case HEP_LOG:
		agent->logs++;
		break;
	default:
		agent->others++;
		break;
	}
	*at = source_clock_take(&agent->clock, hep->at, arrival);
	return agent;
}

uint16_t hep_agent_number(const struct hep_agents *agents, const struct hep_agent *agent)
{
	return (uint16_t)(agent - agents->of + 1);
}
