/*
 * scene.h - a small network for tests of the analyzer: who says what, and when, in any
 * order; then all of it goes through an analyzer by time, and what came out is looked at.
 *
 * Times are milliseconds from the scene's beginning.  Addresses are text:
 * "198.18.0.1:5060", "[2001:db8::1]:4000".
 */
#ifndef EARSHOT_TESTS_SCENE_H
#define EARSHOT_TESTS_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/track/glance.h"
#include "analyzer/track/sip_glance.h"
#include "tests/unit/unit.h"

#define SCENE_EPOCH (INT64_C(1767225600) * NS_PER_SEC) /* 2026-01-01 */

enum { SCENE_RECORDS = 1200, SCENE_PACKET_BYTES = 2048 };

struct scene_packet {
	struct packet packet;
	size_t order;
	uint8_t *bytes; /* owned */
};

struct scene {
	struct settings settings;
	struct scene_packet *packets; /* owned */
	size_t packet_count, room;
	struct record records[SCENE_RECORDS];
	size_t record_count;
	struct counters counters;
	uint64_t claims[CLAIM_COUNT];
	bool as_said; /* packets go in as they were said, not in the order of time */
	bool glanced; /* they come with what a glance shows of them */
};

static inline struct scene *scene_new(void)
{
	struct scene *scene = calloc(1, sizeof *scene);
	assert_non_null(scene);
	scene->settings = settings_default();
	return scene;
}

static inline void scene_free(struct scene *scene)
{
	for (size_t i = 0; i < scene->packet_count; i++)
		free(scene->packets[i].bytes);
	free(scene->packets);
	free(scene);
}

static inline nstime scene_time(double ms)
{
	return SCENE_EPOCH + (nstime)(ms * (double)NS_PER_MS);
}

static inline struct endpoint scene_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct endpoint out = { .port = (uint16_t)atoi(colon + 1) };
	const struct text address = { text, (size_t)(colon - text) };
	assert_int_equal(address_parse(address, &out.address), OK);
	return out;
}

/* The packet's other fields may be changed until the scene runs. */
static inline struct packet *scene_bytes(struct scene *scene, double ms, const char *src,
                                         const char *dst, const void *bytes, size_t len)
{
	if (scene->packet_count == scene->room) {
		scene->room = scene->room ? scene->room * 2 : 64;
		scene->packets =
		        realloc(scene->packets, scene->room * sizeof *scene->packets);
		assert_non_null(scene->packets);
	}
	struct scene_packet *at = &scene->packets[scene->packet_count];
	at->bytes = malloc(len ? len : 1); /* of the exact size, for the sanitizers */
	assert_non_null(at->bytes);
	if (len)
		memcpy(at->bytes, bytes, len);
	at->order = scene->packet_count++;
	at->packet = (struct packet){ .at = scene_time(ms),
		                      .src = scene_endpoint(src),
		                      .dst = scene_endpoint(dst),
		                      .payload = { at->bytes, len },
		                      .payload_len = (uint32_t)len,
		                      .ip_len = (uint32_t)len + 28,
		                      .transport = TRANSPORT_UDP,
		                      .ip_id = (uint16_t)scene->packet_count };
	return &at->packet;
}

/* --- SIP --------------------------------------------------------------------------- */

/* One message.  What is NULL has a default, or is left out. */
struct says {
	double ms;
	const char *src, *dst;
	const char *what;              /* "INVITE", or "180 Ringing" */
	const char *cseq;              /* "1 INVITE" */
	const char *from_tag, *to_tag; /* NULL: none */
	const char *sdp;
	const char *call_id; /* "one@test" */
	const char *headers; /* more of them, each with its CRLF */
};

#define SDP(address, media)                                                                \
	"v=0\r\no=- 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address                    \
	"\r\nt=0 0\r\n" media
#define AUDIO(port, types) "m=audio " port " RTP/AVP " types "\r\n"

static inline struct packet *scene_say(struct scene *scene, const struct says *says)
{
	char text[SCENE_PACKET_BYTES];
	const bool request = says->what[0] > '9';
	const char *body = says->sdp ? says->sdp : "";
	const int len = snprintf(
	        text, sizeof text,
	        "%s%s%s\r\n"
	        "Via: SIP/2.0/UDP %s;branch=z9hG4bK-%s-%.3s\r\n"
	        "From: <sip:alice@a.example>%s%s\r\n"
	        "To: <sip:bob@b.example>%s%s\r\n"
	        "Call-ID: %s\r\n"
	        "CSeq: %s\r\n"
	        "%s%s"
	        "Content-Length: %zu\r\n\r\n%s",
	        request ? "" : "SIP/2.0 ", says->what,
	        request ? " sip:bob@b.example SIP/2.0" : "",
	        request ? says->src : says->dst, says->from_tag ? says->from_tag : "x",
	        says->cseq, says->from_tag ? ";tag=" : "",
	        says->from_tag ? says->from_tag : "", says->to_tag ? ";tag=" : "",
	        says->to_tag ? says->to_tag : "",
	        says->call_id ? says->call_id : "one@test", says->cseq,
	        says->headers ? says->headers : "",
	        says->sdp ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
	assert_true(len > 0 && len < (int)sizeof text);
	return scene_bytes(scene, says->ms, says->src, says->dst, text, (size_t)len);
}

static inline void scene_script(struct scene *scene, const struct says *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scene_say(scene, &lines[i]);
}
#define SCENE_SCRIPT(scene, lines) scene_script(scene, lines, ARRAY_LEN(lines))

/* --- RTP --------------------------------------------------------------------------- */

struct rtp_says {
	double ms;
	const char *src, *dst;
	uint32_t ssrc, timestamp;
	uint16_t sequence;
	uint8_t payload_type;
	bool marker;
	struct span payload; /* 20 bytes of nothing when empty */
};

static inline struct packet *scene_rtp(struct scene *scene, const struct rtp_says *says)
{
	uint8_t bytes[256] = {
		0x80,
		(uint8_t)(says->payload_type | (says->marker ? 0x80 : 0)),
		(uint8_t)(says->sequence >> 8),
		(uint8_t)says->sequence,
		(uint8_t)(says->timestamp >> 24),
		(uint8_t)(says->timestamp >> 16),
		(uint8_t)(says->timestamp >> 8),
		(uint8_t)says->timestamp,
		(uint8_t)(says->ssrc >> 24),
		(uint8_t)(says->ssrc >> 16),
		(uint8_t)(says->ssrc >> 8),
		(uint8_t)says->ssrc,
	};
	if (says->payload.len)
		memcpy(bytes + 12, says->payload.at, says->payload.len);
	return scene_bytes(scene, says->ms, says->src, says->dst, bytes,
	                   12 + (says->payload.len ? says->payload.len : 20));
}

/* `count` packets of 20 ms from `ms` on: PCMU unless told otherwise. */
struct talk {
	double ms;
	const char *src, *dst;
	uint32_t ssrc;
	unsigned int count;
	uint8_t payload_type;
	uint32_t ticks;         /* for each packet; 0: 160 */
	uint16_t from_sequence; /* the timestamp goes with it */
	unsigned int delays_ms; /* 0..delays_ms - 1 of lateness, repeatable; below 20 */
};

static inline void scene_talk(struct scene *scene, const struct talk *talk)
{
	const uint32_t ticks = talk->ticks ? talk->ticks : 160;
	uint64_t seed = talk->ssrc + 1;
	for (unsigned int i = 0; i < talk->count; i++) {
		const double late =
		        talk->delays_ms ? disorder_below(&seed, talk->delays_ms) : 0;
		const struct rtp_says says = {
			.ms = talk->ms + 20.0 * i + late,
			.src = talk->src,
			.dst = talk->dst,
			.ssrc = talk->ssrc,
			.timestamp = (talk->from_sequence + i) * ticks,
			.sequence = (uint16_t)(talk->from_sequence + i),
			.payload_type = talk->payload_type,
		};
		scene_rtp(scene, &says);
	}
}

/* --- running it -------------------------------------------------------------------- */

static inline int scene_compare(const void *left, const void *right)
{
	const struct scene_packet *a = left;
	const struct scene_packet *b = right;
	if (a->packet.at != b->packet.at)
		return a->packet.at < b->packet.at ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static inline void scene_accept(void *self, const struct record *record)
{
	struct scene *scene = self;
	assert_true(scene->record_count < SCENE_RECORDS);
	scene->records[scene->record_count++] = *record;
}

/* Into the order of time; things of the same time stay as they were said. */
static inline void scene_sort(struct scene *scene)
{
	qsort(scene->packets, scene->packet_count, sizeof *scene->packets, scene_compare);
}

static struct sdp scene_sdp; /* scratch: too large for a stack */

/* What a glance shows of each packet; *sip has room for as many. */
static inline void scene_glance(const struct scene *scene, struct packet *packets,
                                struct sip_glance *sip)
{
	const struct settings *settings = &scene->settings;
	const struct glance_key key = glance_key_of(&settings->key);
	for (size_t i = 0; i < scene->packet_count; i++) {
		struct packet_glance *glance = &packets[i].glance;
		glance_at(&key, &packets[i], glance);
		if (glance->shows != SHOWS_NO_RTP ||
		    !sip_glance_claims(settings->sip_ports, &packets[i]))
			continue;
		sip_glance_at(&settings->key, &packets[i], &scene_sdp, &sip[i]);
		*glance = (struct packet_glance){ .shows = SHOWS_SIP, .sip = &sip[i] };
	}
}

/* All packets by time, `batch` of them in each call; then the end of input. */
static inline void scene_run_by(struct scene *scene, size_t batch)
{
	const struct sink sink = { scene_accept, scene };
	struct analyzer *analyzer;
	struct packet *packets = calloc(scene->packet_count, sizeof *packets);
	enum claim *claims = calloc(scene->packet_count, sizeof *claims);
	struct sip_glance *sip = calloc(scene->packet_count, sizeof *sip);
	assert_true(packets && claims && sip);
	if (!scene->as_said)
		scene_sort(scene);
	for (size_t i = 0; i < scene->packet_count; i++) {
		packets[i] = scene->packets[i].packet;
		packets[i].frame = i + 1;
	}
	if (scene->glanced)
		scene_glance(scene, packets, sip);
	scene->record_count = 0;
	memset(scene->claims, 0, sizeof scene->claims);
	assert_int_equal(analyzer_new(&scene->settings, &sink, &analyzer), OK);
	for (size_t i = 0; i < scene->packet_count; i += batch) {
		const size_t left = scene->packet_count - i;
		analyzer_feed(analyzer, packets + i, left < batch ? left : batch,
		              claims + i);
	}
	analyzer_finish(analyzer);
	for (size_t i = 0; i < scene->packet_count; i++)
		scene->claims[claims[i]]++;
	scene->counters = *analyzer_counters(analyzer);
	analyzer_free(analyzer);
	free(packets);
	free(claims);
	free(sip);
}

static inline void scene_run(struct scene *scene)
{
	scene_run_by(scene, scene->packet_count);
}

/* --- what came out ----------------------------------------------------------------- */

static inline size_t scene_count(const struct scene *scene, enum record_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < scene->record_count; i++)
		count += scene->records[i].kind == kind;
	return count;
}

/* The nth record of that kind, in the order in which they left; it must be there. */
static inline const struct record *scene_record(const struct scene *scene,
                                                enum record_kind kind, size_t n)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == kind && n-- == 0)
			return &scene->records[i];
	fail_msg("no such %s record", record_kind_names[kind]);
	return NULL;
}

/* The nth stream from there, the nth leg begun there; they must be there. */
static inline const struct stream_record *scene_stream(const struct scene *scene,
                                                       const char *src, size_t n)
{
	const struct endpoint at = scene_endpoint(src);
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_STREAM &&
		    endpoint_equal(&scene->records[i].stream.src, &at) && n-- == 0)
			return &scene->records[i].stream;
	fail_msg("no such stream from %s", src);
	return NULL;
}

static inline const struct leg_record *scene_leg(const struct scene *scene, const char *src,
                                                 size_t n)
{
	const struct endpoint at = scene_endpoint(src);
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_LEG &&
		    endpoint_equal(&scene->records[i].leg.src, &at) && n-- == 0)
			return &scene->records[i].leg;
	fail_msg("no such leg from %s", src);
	return NULL;
}

static inline const struct call_record *scene_call(const struct scene *scene)
{
	return &scene_record(scene, RECORD_CALL, 0)->call;
}

#endif
