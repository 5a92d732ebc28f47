#include "probe/notify_call.h"

#include <math.h>
#include <string.h>

#include "analyzer/model/record_fields.h"
#include "probe/notify_syslog.h"
#include "probe/version.h"
#include "schema/field_text.h"
#include "web/display.h"

const char *const notify_records_names[RECORDS_COUNT] = {
	[RECORDS_NONE] = "none",
	[RECORDS_BAD] = "bad",
	[RECORDS_ALL] = "all",
};

const char *const notify_format_names[FORMAT_COUNT] = {
	[FORMAT_RFC5424] = "rfc5424",
	[FORMAT_CEF] = "cef",
};

enum {
	FOR_WORDS = 256,  /* room that is left for the sentence behind the fields */
	VALUE_MOST = 128, /* characters of one, before they are escaped */
};

bool notify_call_is_bad(const struct call_record *call)
{
	return call->state == LEG_FAILED || call->state == LEG_NO_RESPONSE ||
	       call->one_way || call->mos_lq_min < CALL_IS_BAD_BELOW; /* NaN is not */
}

static const char *state_of(const struct call_record *call)
{
	const char *name = leg_state_names[call->state];
	return name ? name : "unknown";
}

/* --- fields: names of both formats, and what they say --------------------------------- */

enum call_field {
	CALL_ID,
	CALL_SIP_ID,
	CALL_STATE,
	CALL_STATUS,
	CALL_REASON,
	CALL_FROM,
	CALL_TO,
	CALL_SRC,
	CALL_SRC_PORT,
	CALL_DST,
	CALL_DST_PORT,
	CALL_TRANSPORT,
	CALL_START,
	CALL_ENDED,
	CALL_DURATION,
	CALL_PDD,
	CALL_MOS,
	CALL_ONE_WAY,
	CALL_TRUNK_SRC,
	CALL_TRUNK_DST,
	CALL_LEGS,
	CALL_EMERGENCY,
	CALL_CAPTURE_LOSS,
	CALL_FIELD_COUNT
};

/* CEF has few names of its own; others are custom ones with a label. */
static const struct {
	const char *name, *cef, *label;
} fields[CALL_FIELD_COUNT] = {
	[CALL_ID] = { "id", "externalId", NULL },
	[CALL_SIP_ID] = { "sip_call_id", "cs1", "SIP Call-ID" },
	[CALL_STATE] = { "state", "outcome", NULL },
	[CALL_STATUS] = { "status", "cn1", "SIP status" },
	[CALL_REASON] = { "reason", "reason", NULL },
	[CALL_FROM] = { "from", "suser", NULL },
	[CALL_TO] = { "to", "duser", NULL },
	[CALL_SRC] = { "src", "src", NULL },
	[CALL_SRC_PORT] = { "src_port", "spt", NULL },
	[CALL_DST] = { "dst", "dst", NULL },
	[CALL_DST_PORT] = { "dst_port", "dpt", NULL },
	[CALL_TRANSPORT] = { "transport", "proto", NULL },
	[CALL_START] = { "start", "start", NULL },
	[CALL_ENDED] = { "ended", "end", NULL },
	[CALL_DURATION] = { "duration_s", "cfp2", "duration s" },
	[CALL_PDD] = { "pdd_ms", "cfp3", "post-dial delay ms" },
	[CALL_MOS] = { "mos_lq_min", "cfp1", "MOS-LQ, lowest" },
	[CALL_ONE_WAY] = { "one_way", "cs2", "one-way audio" },
	[CALL_TRUNK_SRC] = { "trunk_src", "cs3", "trunk of the caller" },
	[CALL_TRUNK_DST] = { "trunk_dst", "cs4", "trunk of the callee" },
	[CALL_LEGS] = { "legs", "cn2", "legs" },
	[CALL_EMERGENCY] = { "emergency", "cs5", "emergency call" },
	[CALL_CAPTURE_LOSS] = { "capture_loss", "cs6", "the capture lost packets" },
};

struct line {
	struct buffer *out;
	enum notify_format format;
};

/* CEF, "Character Encoding": in values \ and = are escaped; in the head \ and |. */
static void add_escaped(struct buffer *out, struct text value, char special)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '\\' || value.at[i] == special)
			buffer_add_char(out, '\\');
		buffer_add_char(out, value.at[i]);
	}
}

static void add_cef(struct buffer *out, enum call_field field, struct text value)
{
	struct buffer plain = { 0 };
	const char *name = fields[field].cef;
	const char *label = fields[field].label;
	/* src and dst are of IPv4 alone. */
	if ((field == CALL_SRC || field == CALL_DST) && text_find(value, ':') < value.len) {
		name = field == CALL_SRC ? "c6a2" : "c6a3";
		label = field == CALL_SRC ? "Source IPv6 Address"
		                          : "Destination IPv6 Address";
	}
	display_log(&plain, value);
	buffer_format(out, " %s=", name);
	add_escaped(out, buffer_text(&plain), '=');
	if (label)
		buffer_format(out, " %sLabel=%s", name, label);
	buffer_free(&plain);
}

/* All of it, or nothing. */
static void add(const struct line *line, enum call_field field, struct text value)
{
	const size_t before = line->out->len;
	if (!value.len)
		return;
	value = text_head(value, VALUE_MOST);
	if (line->format == FORMAT_CEF)
		add_cef(line->out, field, value);
	else
		syslog_add_parameter(line->out, fields[field].name, value);
	if (line->out->len > SYSLOG_MAX - FOR_WORDS)
		line->out->len = before;
}

static void add_name(const struct line *line, enum call_field field, const char *name)
{
	if (name)
		add(line, field, text_from(name));
}

static void add_real(const struct line *line, enum call_field field, double value)
{
	char text[32];
	const int len = snprintf(text, sizeof text, "%.10g", value);
	if (isfinite(value))
		add(line, field, (struct text){ text, (size_t)len });
}

static void add_flag(const struct line *line, enum call_field field, bool value)
{
	if (value)
		add(line, field, TEXT("true"));
}

static void add_time(const struct line *line, enum call_field field, nstime at)
{
	struct buffer text = { 0 };
	if (at == NSTIME_NONE)
		return;
	if (line->format == FORMAT_CEF)
		buffer_format(&text, "%lld", (long long)(at / NS_PER_MS));
	else
		display_time(&text, at, 6);
	add(line, field, buffer_text(&text));
	buffer_free(&text);
}

static void add_endpoint(const struct line *line, enum call_field field,
                         const struct endpoint *endpoint)
{
	char text[ADDRESS_TEXT_SIZE];
	if (address_is_unspecified(&endpoint->address))
		return;
	add(line, field, text_from(address_format(&endpoint->address, text)));
	add_real(line, (enum call_field)(field + 1), endpoint->port);
}

static void add_fields(const struct line *line, const struct call_record *call,
                       const struct leg_record *leg)
{
	char id[ID_TEXT_SIZE];
	add_name(line, CALL_ID, id_format(call->id, id));
	add_name(line, CALL_STATE, state_of(call));
	add_time(line, CALL_START, call->start);
	add_time(line, CALL_ENDED, call->ended);
	add_real(line, CALL_MOS, call->mos_lq_min);
	add_real(line, CALL_LEGS, (double)call->legs.count);
	add_flag(line, CALL_ONE_WAY, call->one_way);
	add_flag(line, CALL_CAPTURE_LOSS, call->capture_loss);
	if (!leg)
		return;
	add_real(line, CALL_STATUS, leg->status ? (double)leg->status : NAN);
	add_real(line, CALL_DURATION, leg->duration_s);
	add_real(line, CALL_PDD, leg->pdd_ms);
	add_flag(line, CALL_EMERGENCY, leg->emergency);
	add_endpoint(line, CALL_SRC, &leg->src);
	add_endpoint(line, CALL_DST, &leg->dst);
	add_name(line, CALL_TRANSPORT, transport_names[leg->transport]);
	add_name(line, CALL_FROM, leg->from);
	add_name(line, CALL_TO, leg->to);
	add_name(line, CALL_TRUNK_SRC, leg->trunk_src);
	add_name(line, CALL_TRUNK_DST, leg->trunk_dst);
	add_name(line, CALL_SIP_ID, leg->sip_call_id);
	add_name(line, CALL_REASON, leg->reason);
}

static void add_words(struct buffer *out, const struct call_record *call,
                      const struct leg_record *leg)
{
	buffer_format(out, "call %s", state_of(call));
	if (leg) {
		buffer_add_char(out, ' ');
		display_log(out, text_head(text_from(leg->from), 48));
		buffer_add_string(out, " -> ");
		display_log(out, text_head(text_from(leg->to), 48));
	}
	if (isfinite(call->mos_lq_min))
		buffer_format(out, ", MOS %.2f", call->mos_lq_min);
	if (out->len > SYSLOG_MAX)
		out->len = SYSLOG_MAX;
}

void notify_call(const struct notify_settings *settings, const struct receiver *receiver,
                 const struct call_record *call, const struct leg_record *leg,
                 struct buffer *out)
{
	const struct line line = { out, receiver->format };
	const bool bad = notify_call_is_bad(call);
	syslog_add_head(settings, receiver, bad ? 4 : 6,
	                call->ended == NSTIME_NONE ? call->start : call->ended, "call",
	                out);
	if (receiver->format == FORMAT_CEF) {
		buffer_format(out, "- CEF:0|Earshot|Earshot|%s|call_%s|call %s|%d|",
		              EARSHOT_VERSION, state_of(call), state_of(call), bad ? 6 : 3);
		buffer_add_string(out, "app=SIP");
		add_fields(&line, call, leg);
		return;
	}
	buffer_format(out, "[call@%u", settings->enterprise);
	add_fields(&line, call, leg);
	buffer_add_string(out, "] ");
	add_words(out, call, leg);
}
