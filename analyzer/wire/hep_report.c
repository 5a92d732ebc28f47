#include "analyzer/wire/hep_report.h"

#include <math.h>
#include <stddef.h>

#include "analyzer/wire/json_scan.h"

/* A number of the record, by its key. */
struct entry {
	const char *key;
	size_t offset;
};

static double *find_number(const struct entry *entries, size_t count, struct text key,
                           void *record)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(key, text_from(entries[i].key)))
			return (double *)(void *)((char *)record + entries[i].offset);
	return NULL;
}

static void forget_numbers(const struct entry *entries, size_t count, void *record)
{
	for (size_t i = 0; i < count; i++)
		*(double *)(void *)((char *)record + entries[i].offset) = NAN;
}

static bool has_key(const struct json_value *value, size_t level, const char *key)
{
	return level < value->depth && text_equal(value->keys[level], text_from(key));
}

/* --- RTCP ----------------------------------------------------------------------------- */

static const struct entry rtcp_numbers[] = {
	{ "ssrc", offsetof(struct hep_rtcp, sender) },
};
static const struct entry sender_numbers[] = {
	{ "packets", offsetof(struct hep_rtcp, packets) },
};
static const struct entry block_numbers[] = {
	{ "source_ssrc", offsetof(struct hep_block, about) },
	{ "fraction_lost", offsetof(struct hep_block, fraction_lost) },
	{ "packets_lost", offsetof(struct hep_block, lost) },
	{ "ia_jitter", offsetof(struct hep_block, jitter) },
};
static const struct entry xr_numbers[] = {
	{ "id", offsetof(struct hep_rtcp, xr_about) },
	{ "fraction_lost", offsetof(struct hep_rtcp, xr_lost) },
	{ "fraction_discard", offsetof(struct hep_rtcp, xr_discarded) },
	{ "burst_density", offsetof(struct hep_rtcp, xr_burst_density) },
	{ "gap_density", offsetof(struct hep_rtcp, xr_gap_density) },
	{ "burst_duration", offsetof(struct hep_rtcp, xr_burst_ms) },
	{ "gap_duration", offsetof(struct hep_rtcp, xr_gap_ms) },
	{ "round_trip_delay", offsetof(struct hep_rtcp, xr_round_trip_ms) },
	{ "end_system_delay", offsetof(struct hep_rtcp, xr_end_system_ms) },
	{ "r_factor", offsetof(struct hep_rtcp, xr_r) },
	{ "mos_lq", offsetof(struct hep_rtcp, xr_mos_lq) },
	{ "mos_cq", offsetof(struct hep_rtcp, xr_mos_cq) },
};

static struct hep_block *block_at(struct hep_rtcp *rtcp, size_t place)
{
	if (place >= HEP_BLOCKS)
		return NULL;
	while (rtcp->count <= place)
		forget_numbers(block_numbers, ARRAY_LEN(block_numbers),
		               &rtcp->blocks[rtcp->count++]);
	return &rtcp->blocks[place];
}

static void take_rtcp(void *self, const struct json_value *value)
{
	struct hep_rtcp *rtcp = self;
	const struct text key = value->depth ? value->keys[value->depth - 1] : TEXT("");
	double *to = NULL;
	if (value->depth == 1) {
		to = find_number(rtcp_numbers, ARRAY_LEN(rtcp_numbers), key, rtcp);
	} else if (has_key(value, 0, "sender_information") && value->depth == 2) {
		to = find_number(sender_numbers, ARRAY_LEN(sender_numbers), key, rtcp);
	} else if (has_key(value, 0, "report_blocks_xr") && value->depth == 2) {
		to = find_number(xr_numbers, ARRAY_LEN(xr_numbers), key, rtcp);
	} else if (has_key(value, 0, "report_blocks") && value->depth == 3) {
		struct hep_block *block = block_at(rtcp, value->places[1]);
		if (block)
			to = find_number(block_numbers, ARRAY_LEN(block_numbers), key,
			                 block);
	}
	if (to)
		*to = json_number(value);
}

enum status hep_rtcp_parse(struct text json, struct hep_rtcp *out)
{
	struct hep_rtcp rtcp = { 0 };
	forget_numbers(rtcp_numbers, ARRAY_LEN(rtcp_numbers), &rtcp);
	forget_numbers(sender_numbers, ARRAY_LEN(sender_numbers), &rtcp);
	forget_numbers(xr_numbers, ARRAY_LEN(xr_numbers), &rtcp);
	if (json_scan(json, take_rtcp, &rtcp) != OK || isnan(rtcp.sender))
		return ERR_MALFORMED;
	*out = rtcp;
	return OK;
}

/* --- RTP ------------------------------------------------------------------------------ */

static const struct entry rtp_numbers[] = {
	{ "SSRC", offsetof(struct hep_rtp, ssrc) },
	{ "TOTAL_PK", offsetof(struct hep_rtp, packets) },
	{ "EXPECTED_PK", offsetof(struct hep_rtp, expected) },
	{ "PACKET_LOSS", offsetof(struct hep_rtp, lost) },
	{ "MEAN_JITTER", offsetof(struct hep_rtp, jitter_ms) },
	{ "MEAN_MOS", offsetof(struct hep_rtp, mos) },
	{ "MEAN_RFACTOR", offsetof(struct hep_rtp, r) },
};
/* Where the mean is not said. */
static const struct entry rtp_latest[] = {
	{ "JITTER", offsetof(struct hep_rtp, jitter_ms) },
	{ "MOS", offsetof(struct hep_rtp, mos) },
	{ "RFACTOR", offsetof(struct hep_rtp, r) },
};

static void take_address(const struct json_value *value, const char *ip, const char *port,
                         struct endpoint *out)
{
	const double number = json_number(value);
	struct address address;
	if (has_key(value, 0, ip) && address_parse(value->text, &address) == OK)
		out->address = address;
	else if (has_key(value, 0, port) && number >= 0 && number <= UINT16_MAX)
		out->port = (uint16_t)number;
}

static void take_rtp(void *self, const struct json_value *value)
{
	struct hep_rtp *rtp = self;
	if (value->depth != 1)
		return;
	double *to = find_number(rtp_numbers, ARRAY_LEN(rtp_numbers), value->keys[0], rtp);
	if (to)
		*to = json_number(value);
	to = find_number(rtp_latest, ARRAY_LEN(rtp_latest), value->keys[0], rtp);
	if (to && isnan(*to))
		*to = json_number(value);
	if (has_key(value, 0, "RTP_SIP_CALL_ID") ||
	    (has_key(value, 0, "CORRELATION_ID") && rtp->call_id.len == 0))
		rtp->call_id = value->text;
	else if (has_key(value, 0, "CODEC_NAME"))
		rtp->codec = value->text;
	take_address(value, "SRC_IP", "SRC_PORT", &rtp->src);
	take_address(value, "DST_IP", "DST_PORT", &rtp->dst);
}

enum status hep_rtp_parse(struct text json, struct hep_rtp *out)
{
	struct hep_rtp rtp = { 0 };
	forget_numbers(rtp_numbers, ARRAY_LEN(rtp_numbers), &rtp);
	if (json_scan(json, take_rtp, &rtp) != OK ||
	    (isnan(rtp.packets) && isnan(rtp.jitter_ms) && isnan(rtp.mos)))
		return ERR_MALFORMED;
	*out = rtp;
	return OK;
}
