#include "analyzer/track/tally.h"

static void tally_other(struct sip_tally *tally, const struct sip_message *message)
{
	size_t i = 0;
	const struct text name = text_head(message->method_name, TALLY_NAME - 1);
	while (i < tally->other_count && !text_equal(text_from(tally->other[i].name), name))
		i++;
	if (i == tally->other_count && i < TALLY_OTHER_METHODS) {
		text_copy(tally->other[i].name, TALLY_NAME, name);
		tally->other_count++;
	}
	if (message->is_request) {
		if (i < TALLY_OTHER_METHODS)
			tally->other[i].requests++;
		else
			tally->other_requests++;
		return;
	}
	size_t p = 0;
	while (p < tally->pair_count &&
	       (tally->pairs[p].method != i || tally->pairs[p].status != message->status))
		p++;
	if (p == TALLY_OTHER_PAIRS) {
		tally->pairs_not_told_apart++;
		return;
	}
	if (p == tally->pair_count) {
		tally->pairs[p].method = (uint16_t)i;
		tally->pairs[p].status = (uint16_t)message->status;
		tally->pair_count++;
	}
	tally->pairs[p].count++;
}

void sip_tally_add(struct sip_tally *tally, const struct sip_message *message)
{
	if (message->method == SIP_METHOD_OTHER && message->method_name.len > 0)
		tally_other(tally, message);
	else if (message->is_request)
		tally->requests[message->method]++;
	else if (message->status <= TALLY_STATUS_MAX)
		tally->responses[message->status][message->method]++;
}
