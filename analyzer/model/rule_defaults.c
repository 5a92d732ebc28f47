/* rule_defaults.c - the rules that are shipped, each with the reason for its figures. */
#include "analyzer/model/rule.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* One row; seconds and percents, as the configuration has them. */
struct shipped {
	const char *name, *metric;
	enum alert_scope scope;
	enum alert_condition condition;
	double threshold, clear; /* clear: NAN = as threshold */
	uint64_t min_samples;
	unsigned int window_s, raise_after_s, clear_after_s;
	enum alert_severity severity;
	double least_pct, certainty;
	const char *muted_by[LIMIT_MUTERS];
	bool always_told;
	const char *doc;
};

#define BY(...) .muted_by = { __VA_ARGS__ }
#define GONE "trunk_silent"
/* One in forty windows of a share at the threshold; far fewer of a usual one. */
#define CERTAIN .certainty = 2
/* Of those whose usual share is not that far below: seven of twenty, not five. */
#define SURE .certainty = 3
/* While it goes on, with the time it takes to be believed to be over. */
#define LEVEL(SCOPE, AFTER) SCOPE, CONDITION_ABOVE, 0, NAN, 0, 300, 0, (AFTER)
#define SEEN(SEVERITY, DOC) LEVEL(SCOPE_SUBJECT, 0), (SEVERITY), .doc = (DOC)
#define FACT(CONDITION, THRESHOLD, CLEAR)                                                  \
	SCOPE_SUBJECT, (CONDITION), (THRESHOLD), (CLEAR), 0, 120, 0, 120

/* clang-format off */
static const struct shipped shipped[] = {
	{ "mos_low", "mos_nb_p50", SCOPE_TRUNK, CONDITION_BELOW, 3.6, 3.8, 20, 300, 60, 300, SEVERITY_MAJOR, BY(GONE),
	  .doc = "Half of the narrowband streams are below 3.6, where many users are dissatisfied (ITU-T G.109). A clean G.711 trunk has 4.4, a clean G.729 one 4.0." },
	{ "mos_wb_low", "mos_wb_p50", SCOPE_TRUNK, CONDITION_BELOW, 3.6, 3.8, 20, 300, 60, 300, SEVERITY_MAJOR, BY(GONE),
	  .doc = "The same of wideband streams." },
	{ "mos_poor", "poor_pct", SCOPE_TRUNK, CONDITION_ABOVE, 10, 5, 30, 900, 0, 300, SEVERITY_WARNING, .certainty = 2.5, BY(GONE, "mos_low"),
	  .doc = "Every tenth stream is below 3.1, where nearly all users are dissatisfied: a part of the calls is bad while the median is fine. Bad single lines stay below 5 %." },
	{ "loss_high", "loss_pct", SCOPE_TRUNK, CONDITION_ABOVE, 1, 0.5, 20000, 300, 60, 300, SEVERITY_WARNING, BY(GONE, "mos_low"),
	  .doc = "More than 1 % of the packets are lost: heard with any codec (ITU-T Y.1541 allows 0.1 %)." },
	{ "jitter_high", "jitter_p95_ms", SCOPE_TRUNK, CONDITION_ABOVE, 30, 20, 20, 300, 60, 300, SEVERITY_WARNING, BY(GONE, "mos_low"),
	  .doc = "Every twentieth stream has a mean jitter above 30 ms: more than usual buffers take." },
	{ "one_way_audio", "one_way_pct", SCOPE_TRUNK, CONDITION_ABOVE, 10, 5, 20, 900, 0, 300, SEVERITY_MAJOR, SURE, BY(GONE),
	  .doc = "Every tenth answered call has audio in one direction alone: single phones behind NAT stay below 5 %." },

	{ "asr_drop", "asr", SCOPE_TRUNK, CONDITION_DEVIATES_BELOW, 6, 4, 40, 1800, 0, 900, SEVERITY_MAJOR, .least_pct = 30, BY(GONE, "peer_down", "peer_refusing"),
	  .doc = "The answer-seizure ratio is a third below what the same hour of the week had, and far outside its spread." },
	{ "asr_low", "asr", SCOPE_TRUNK, CONDITION_BELOW, 15, 25, 40, 900, 0, 300, SEVERITY_MAJOR, CERTAIN, BY(GONE, "peer_down", "peer_refusing"),
	  .doc = "Fewer than 15 of 100 attempts are answered: below what call centres that dial by themselves have." },
	{ "ner_low", "ner", SCOPE_TRUNK, CONDITION_BELOW, 80, 90, 40, 900, 0, 300, SEVERITY_MAJOR, CERTAIN, BY(GONE, "peer_down", "peer_refusing"),
	  .doc = "The network fails one attempt in five, busy and unanswered calls left out; healthy trunks have 95 % and more." },
	{ "pdd_high", "pdd_p95_ms", SCOPE_TRUNK, CONDITION_ABOVE, 8000, 6000, 20, 900, 0, 300, SEVERITY_WARNING, BY(GONE, "peer_down"),
	  .doc = "Every twentieth caller hears nothing for 8 s and more: ITU-T E.721 has 8 s as the mean of international calls." },
	{ "server_errors", "server_error_pct", SCOPE_TRUNK, CONDITION_ABOVE, 15, 7, 20, 300, 0, 300, SEVERITY_MAJOR, CERTAIN, BY("peer_refusing", "peer_down"),
	  .doc = "15 % of the attempts get a 5xx." },
	{ "forbidden", "forbidden_pct", SCOPE_TRUNK, CONDITION_ABOVE, 30, 15, 20, 900, 0, 300, SEVERITY_WARNING, CERTAIN, BY("toll_fraud"),
	  .doc = "Every third attempt is refused as not allowed: credentials or routes were changed." },
	{ "capacity", "capacity_pct", SCOPE_TRUNK, CONDITION_ABOVE, 10, 3, 20, 300, 0, 300, SEVERITY_MAJOR, CERTAIN, BY("peer_refusing"),
	  .doc = "Every tenth attempt finds no channel. Large trunks have a percent of such refusals at all times, from networks behind them." },
	{ "short_calls", "short_pct", SCOPE_TRUNK, CONDITION_ABOVE, 35, 20, 30, 900, 0, 300, SEVERITY_WARNING, CERTAIN, BY("one_way_audio"),
	  .doc = "Every third call ends within 10 s: no audio, wrong number, or a machine that dials. Usual traffic has 10 to 15 %." },
	{ "redials", "redial_pct", SCOPE_ALL, CONDITION_ABOVE, 25, 15, 40, 900, 0, 300, SEVERITY_WARNING, CERTAIN, BY("peer_down"),
	  .doc = "One call in four is dialled again within a minute: callers do not get what they want." },
	{ "retry_storm", "retransmitted_pct", SCOPE_TRUNK, CONDITION_ABOVE, 15, 7, 400, 300, 0, 300, SEVERITY_WARNING, CERTAIN, BY("peer_down"),
	  .doc = "15 % of the SIP messages repeat an earlier one: loss of signalling, or a server that is too slow." },

	{ "trunk_silent", "seizures", SCOPE_TRUNK, CONDITION_DEVIATES_BELOW, 5, 3, 12, 900, 0, 120, SEVERITY_CRITICAL, .least_pct = 90, BY("traffic_low"),
	  .doc = "Less than a tenth of the calls that the same hour of the week had, where at least twelve were to be expected." },
	{ "traffic_low", "seizures", SCOPE_ALL, CONDITION_DEVIATES_BELOW, 6, 4, 50, 900, 0, 1800, SEVERITY_WARNING, .least_pct = 50,
	  .doc = "The whole probe sees half the usual calls or fewer: an outage in front of it, or a holiday that the configuration does not have." },
	{ "traffic_high", "seizures", SCOPE_TRUNK, CONDITION_DEVIATES_ABOVE, 8, 5, 50, 900, 0, 900, SEVERITY_WARNING, .least_pct = 150,
	  .doc = "Two and a half times the usual calls: a campaign, a loop, or fraud." },
	{ "channels_full", "channel_use_pct", FACT(CONDITION_ABOVE, 90, 80), SEVERITY_MAJOR,
	  .doc = "Nine of ten channels of a trunk are in use: the next burst is refused." },

	{ "channels_run_out", "channels_left_min", FACT(CONDITION_BELOW, 15, 30), SEVERITY_WARNING, BY("channels_full"),
	  .doc = "As calls have grown for ten minutes, a trunk has no channel left within a quarter of an hour." },

	{ "peer_down", "peer_down", LEVEL(SCOPE_PEER, 60), SEVERITY_CRITICAL,
	  .doc = "A peer does not answer OPTIONS, INVITE or REGISTER." },
	{ "peer_refusing", "peer_refusing", LEVEL(SCOPE_PEER, 60), SEVERITY_MAJOR,
	  .doc = "A peer answers with 500, 502, 503 or 504." },
	{ "failover", "failover", LEVEL(SCOPE_PEER, 0), SEVERITY_WARNING,
	  .doc = "Calls went to another peer because this one failed." },
	{ "emergency_failed", "emergency_failed", SCOPE_ALL, CONDITION_ABOVE, 0, NAN, 0, 300, 0, 0, SEVERITY_CRITICAL, .always_told = true,
	  .doc = "A call to an emergency number was not answered. Nothing mutes this rule." },

	{ "registration_failures", "ira", SCOPE_ALL, CONDITION_ABOVE, 30, 15, 30, 900, 0, 300, SEVERITY_MAJOR, CERTAIN, BY("brute_force", "register_flood"),
	  .doc = "Every third registration fails; phones with an old password are a few percent." },
	{ "registrations_lost", "registrations_lost_pct", SCOPE_ALL, CONDITION_ABOVE, 30, 15, 30, 600, 0, 300, SEVERITY_CRITICAL, CERTAIN,
	  .doc = "Many phones are gone at once: 30 % of the contacts that were due ran out instead of being renewed." },

	{ "site_registrations_lost", "registrations_lost_pct", SCOPE_SITE, CONDITION_ABOVE, 40, 20, 10, 600, 0, 300, SEVERITY_CRITICAL, CERTAIN, BY("registrations_lost"),
	  .doc = "The phones of one site are gone: 40 % of their contacts that were due ran out. Phones are of the site whose trunk has their address." },

	{ "brute_force", "brute_force", SEEN(SEVERITY_MAJOR, "Passwords are guessed; section security of the configuration says when.") },
	{ "registration_hijack", "registration_hijack", SEEN(SEVERITY_MAJOR, "An account registers from a network and with a device that it never had.") },
	{ "scanner", "scanner", SEEN(SEVERITY_INFO, "A scanning tool that gives its name: the Internet is full of them.") },
	{ "extension_scan", "extension_scan", SEEN(SEVERITY_WARNING, "One user after the other is tried.") },
	{ "sweep", "sweep", SEEN(SEVERITY_WARNING, "One address after the other is tried.") },
	{ "invite_flood", "invite_flood", SEEN(SEVERITY_MAJOR, "A flood of INVITEs.") },
	{ "register_flood", "register_flood", SEEN(SEVERITY_MAJOR, "A flood of REGISTERs.") },
	{ "malformed_flood", "malformed_flood", SEEN(SEVERITY_WARNING, "A flood of SIP that cannot be read.") },
	{ "toll_fraud", "toll_fraud", SEEN(SEVERITY_CRITICAL, "A burst of calls to dear destinations.") },
	{ "toll_off_hours", "toll_off_hours", SEEN(SEVERITY_CRITICAL, "Calls to dear destinations while nobody works.") },
	{ "toll_long_calls", "toll_long_calls", SEEN(SEVERITY_MAJOR, "Long calls to dear destinations.") },
	{ "wangiri", "wangiri", SEEN(SEVERITY_WARNING, "One ring each at many numbers: who calls back pays for it.") },
	{ "foreign_rtp", "foreign_rtp", SEEN(SEVERITY_WARNING, "RTP from a source that nobody announced.") },
	{ "srtp_unused", "srtp_unused", SEEN(SEVERITY_INFO, "SRTP was offered, and media goes in clear.") },
	{ "srtp_downgrade", "srtp_downgrade", SEEN(SEVERITY_WARNING, "Media is encrypted on one leg of a call, and not on another.") },
	{ "plain_sip", "plain_sip", SEEN(SEVERITY_WARNING, "SIP in clear where the trunk is to use TLS.") },

	{ "dscp_wrong", "dscp_wrong_pct", SCOPE_TRUNK, CONDITION_ABOVE, 10, 5, 20, 900, 0, 900, SEVERITY_WARNING, SURE,
	  .doc = "Every tenth stream has another DSCP than its trunk wants: a queue on the way will not know it for voice." },
	{ "capture_loss_warning", "capture_loss_pct", SCOPE_ALL, CONDITION_ABOVE, 0.1, 0.05, 5000, 300, 60, 300, SEVERITY_WARNING, BY("capture_loss"),
	  .doc = "The capture loses more than one packet of a thousand." },
	{ "capture_loss", "capture_loss_pct", SCOPE_ALL, CONDITION_ABOVE, 1, 0.5, 5000, 300, 0, 300, SEVERITY_MAJOR,
	  .doc = "The capture loses more than one packet of a hundred: figures of quality are no longer to be trusted, and their alerts say so." },
	{ "capture_drops", "capture_drop_pct", FACT(CONDITION_ABOVE, 1, 0.1), SEVERITY_MAJOR,
	  .doc = "The kernel dropped more than 1 % of the frames before the probe had them." },
	{ "mirror_silent", "interface_packets_s", SCOPE_SUBJECT, CONDITION_BELOW, 0.1, 1, 0, 120, 120, 30, SEVERITY_CRITICAL,
	  .doc = "An interface has no packets for two minutes: the mirror port is off, or the cable is out." },
	{ "mirror_one_sided", "one_sided", FACT(CONDITION_ABOVE, 0, NAN), SEVERITY_MAJOR,
	  .doc = "Nearly all calls or messages are seen in one direction alone: half of the mirror is missing, and one-way audio that is told may be its doing." },
	{ "clock_wrong", "clock_wrong", FACT(CONDITION_ABOVE, 0, NAN), SEVERITY_WARNING,
	  .doc = "An interface or a HEP agent stamps packets with another time than this machine's: delays and times of its calls are wrong." },
	{ "clock_unsynchronised", "clock_error_ms", FACT(CONDITION_ABOVE, 1000, 500), SEVERITY_WARNING,
	  .doc = "The clock of this machine is not kept by NTP or PTP, or may be off by more than a second: times cannot be compared with those of others." },
	{ "disk_low", "disk_free_pct", FACT(CONDITION_BELOW, 10, 12), SEVERITY_MAJOR,
	  .doc = "Less than a tenth of the database's file system is free: old records are being deleted." },
	{ "store_slow", "store_delay_s", FACT(CONDITION_ABOVE, 30, 5), SEVERITY_MAJOR,
	  .doc = "The database has not taken records for 30 s." },
	{ "records_lost", "records_not_kept", FACT(CONDITION_ABOVE, 0, NAN), SEVERITY_MAJOR,
	  .doc = "Records found no room and are lost." },
	{ "dead_letters", "dead_letters", FACT(CONDITION_ABOVE, 0, NAN), SEVERITY_MAJOR, .always_told = true,
	  .doc = "A receiver of alerts has taken nothing for so long that alerts to it were given up." },
};
/* clang-format on */
static_assert(ARRAY_LEN(shipped) <= LIMIT_RULES, "room for all");

static void copy(char *to, size_t size, const char *from)
{
	const bool whole = text_copy(to, size, text_from(from));
	assert(whole);
	(void)whole;
}

static struct rule of_row(const struct shipped *row)
{
	struct rule rule = {
		.scope = row->scope,
		.window = row->window_s * NS_PER_SEC,
		.condition = row->condition,
		.threshold = row->threshold,
		.clear = row->clear,
		.least_pct = row->least_pct,
		.certainty = row->certainty,
		.min_samples = row->min_samples,
		.raise_after = row->raise_after_s * NS_PER_SEC,
		.clear_after = row->clear_after_s * NS_PER_SEC,
		.severity = row->severity,
		.group = GROUP_SITE,
		.enabled = true,
		.always_told = row->always_told,
	};
	copy(rule.name, sizeof rule.name, row->name);
	copy(rule.metric_name, sizeof rule.metric_name, row->metric);
	copy(rule.doc, sizeof rule.doc, row->doc);
	for (size_t i = 0; i < LIMIT_MUTERS && row->muted_by[i]; i++)
		copy(rule.muted_by[rule.muter_count++], ALERT_RULE, row->muted_by[i]);
	return rule;
}

void rule_list_default(struct rule_list *list)
{
	char error[RULE_ERROR_SIZE];
	list->count = 0;
	for (size_t i = 0; i < ARRAY_LEN(shipped); i++) {
		struct rule *rule = &list->rules[list->count++];
		*rule = of_row(&shipped[i]);
		const bool sound = rule_resolve(rule, error);
		assert(sound);
		(void)sound;
	}
}
