/* print_facts.c - of what is known of a leg beside its outcome, what is worth a word. */
#include <math.h>

#include "probe/print_text.h"
#include "schema/field_text.h"
#include "web/display.h"

/* Q.850 causes of an ordinary end: normal call clearing; normal, unspecified. */
enum { Q850_NORMAL = 16, Q850_NORMAL_UNSPECIFIED = 31 };

static void add_end(struct buffer *to, const struct leg_record *leg)
{
	static const char *const words[ENDED_HOW_COUNT] = {
		[ENDED_HOW_SESSION_TIMER] = "  by the session timer",
		[ENDED_HOW_MEDIA_GONE] = "  as media was gone",
		[ENDED_HOW_REPLACED] = "  replaced by another dialog",
	};
	if (words[leg->ended_how])
		buffer_add_string(to, words[leg->ended_how]);
	const bool ordinary =
	        leg->q850 == Q850_NORMAL || leg->q850 == Q850_NORMAL_UNSPECIFIED;
	if (leg->q850 && !ordinary)
		buffer_format(to, "  Q.850 cause %u", (unsigned int)leg->q850);
	else if (leg->sip_cause && leg->sip_cause != leg->status)
		buffer_format(to, "  SIP cause %u", (unsigned int)leg->sip_cause);
	if (leg->cause_text[0] && !ordinary) {
		buffer_add_string(to, " \"");
		display_text(to, text_from(leg->cause_text));
		buffer_add_char(to, '"');
	}
}

static void add_stages(struct buffer *to, const struct leg_record *leg)
{
	if (leg->answered != NSTIME_NONE && leg->ack == NSTIME_NONE &&
	    leg->final_retransmissions)
		buffer_add_string(to, "  no ACK");
	if (leg->auth_rounds > 1)
		buffer_format(to, "  challenged %u times", (unsigned int)leg->auth_rounds);
	if (leg->holds)
		buffer_format(to, "  on hold %.1f s", leg->hold_s);
}

static const char *const joined_words[JOINED_BY_COUNT] = {
	[JOINED_BY_SESSION_ID] = "Session-ID",
	[JOINED_BY_RTP] = "the same RTP",
	[JOINED_BY_PAYLOAD] = "the same media",
	[JOINED_BY_NUMBERS] = "numbers and time (a guess)",
};

static void add_identity(struct buffer *to, const struct leg_record *leg)
{
	static const char *const attests[STIR_ATTEST_COUNT] = {
		[STIR_ATTEST_A] = "A",
		[STIR_ATTEST_B] = "B",
		[STIR_ATTEST_C] = "C",
	};
	if (leg->diversions) {
		buffer_add_string(to, "  diverted from ");
		text_add_wire(to, leg->diverted_from);
	}
	if (!leg->stir)
		return;
	buffer_add_string(to, "  STIR ");
	if (attests[leg->stir_attest])
		buffer_format(to, "%s, ", attests[leg->stir_attest]);
	if (leg->stir & (STIR_ORIG_MISMATCH | STIR_DEST_MISMATCH))
		buffer_add_string(to, "of other numbers, ");
	if (leg->stir & STIR_STALE)
		buffer_format(to, "%.0f s old, ", leg->stir_age_s);
	buffer_add_string(to, "not verified");
}

static void add_nat(struct buffer *to, const struct leg_record *leg)
{
	if (leg->nat_src & NAT_ALG)
		buffer_add_string(to, "  rewritten by an ALG?");
	else if ((leg->nat_src | leg->nat_dst) & NAT_SDP_PRIVATE)
		buffer_add_string(to, "  private address in SDP");
}

static void add_media(struct buffer *to, const struct leg_record *leg)
{
	if (leg->codec_changes)
		buffer_add_string(to, "  codec changed");
	if (leg->keys_offered && !leg->keys_accepted && leg->answered != NSTIME_NONE)
		buffer_add_string(to, "  SRTP offered, not taken");
	if (leg->ice == HANDSHAKE_FAILED)
		buffer_add_string(to, "  ICE failed");
	if (leg->dtls == HANDSHAKE_FAILED)
		buffer_add_string(to, "  DTLS failed");
	if (leg->dtmf_mismatch)
		buffer_add_string(to, "  digits not as agreed");
}

/* How it belongs to the other legs of its call, and what was done to it in between. */
static void add_place(struct buffer *to, const struct leg_record *leg)
{
	static const char *const words[CHANGE_COUNT] = {
		NULL,
		NULL,
		"other caller",
		"other callee",
		"other transport",
		"transcoded",
		"SRTP removed",
		"SRTP added",
	};
	if (leg->joined_by > JOINED_BY_CALL_ID) {
		buffer_format(to, "  joined by %s",
		              leg->joined_header[0] ? leg->joined_header
		                                    : joined_words[leg->joined_by]);
		if (leg->joined_matches)
			buffer_format(to, ", %llu packets",
			              (unsigned long long)leg->joined_matches);
	}
	if (leg->branch == BRANCH_ELSEWHERE)
		buffer_add_string(to, "  answered elsewhere");
	for (size_t i = 0; i < CHANGE_COUNT; i++)
		if (words[i] && leg->changes >> i & 1)
			buffer_format(to, "  %s", words[i]);
}

void text_add_facts(struct buffer *to, const struct record *record)
{
	add_end(to, &record->leg);
	add_stages(to, &record->leg);
	add_media(to, &record->leg);
	add_nat(to, &record->leg);
	add_identity(to, &record->leg);
	add_place(to, &record->leg);
}

void text_add_call(struct buffer *to, const struct call_record *call)
{
	static const char *const words[RELATION_COUNT] = {
		[RELATION_TRANSFER_BLIND] = "blind transfer",
		[RELATION_TRANSFER_ATTENDED] = "attended transfer",
		[RELATION_CONSULTATION] = "consultation",
		[RELATION_FORWARD] = "forwarded",
		[RELATION_PICKUP] = "picked up",
		[RELATION_CONFERENCE] = "conference",
	};
	char id[ID_TEXT_SIZE];
	buffer_format(to, "call %s", id_format(call->id, id));
	if (call->branches)
		buffer_format(to, "  %llu branches", (unsigned long long)call->branches);
	if (words[call->relation])
		buffer_format(to, "  %s", words[call->relation]);
	if (call->family && call->family != call->id)
		buffer_format(to, " out of call %s", id_format(call->family, id));
	else if (call->family && call->relation == RELATION_NONE)
		buffer_add_string(to, "  others came out of it");
}
