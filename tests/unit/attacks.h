/*
 * attacks.h - requests by whom it may be, and the observations that come of them.
 */
#ifndef EARSHOT_TESTS_ATTACKS_H
#define EARSHOT_TESTS_ATTACKS_H

#include "analyzer/model/number.h"
#include "tests/unit/scene.h"

#define SERVER "198.19.0.1:5060"
#define SOURCE "198.18.0.1:5060"
#define MINUTE_MS 60000.0

enum { KEPT = 64 };

/* --- what is said -------------------------------------------------------------------- */

struct request {
	double ms;
	const char *src, *dst, *method;
	const char *from, *to; /* users; NULL: alice, bob */
	unsigned int status;   /* 0: no answer */
	bool password, rings;
	const char *agent;
	const char *call_id; /* NULL: of its own */
	unsigned int cseq;   /* 0: 1 */
	const char *headers; /* NULL: none; each with its CRLF */
};

static inline void speak(struct scene *scene, const struct request *r, double ms,
                         const char *what, bool back)
{
	char text[SCENE_PACKET_BYTES], call_id[96];
	snprintf(call_id, sizeof call_id, "%s-%.0f-%s-%s", r->src, r->ms, r->dst,
	         r->to ? r->to : "");
	const int len = snprintf(
	        text, sizeof text,
	        "%s%s%s\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-%.0f-%u\r\n"
	        "From: <sip:%s@a.example>;tag=f\r\nTo: <sip:%s@a.example>%s\r\n"
	        "Call-ID: %s\r\nCSeq: %u %s\r\n%s%s%s%s%sContent-Length: 0\r\n\r\n",
	        back ? "SIP/2.0 " : "", what, back ? "" : " sip:a.example SIP/2.0", r->src,
	        r->ms, r->cseq, r->from ? r->from : "alice", r->to ? r->to : "bob",
	        back ? ";tag=t" : "", r->call_id ? r->call_id : call_id,
	        r->cseq ? r->cseq : 1, r->method,
	        r->password && !back ? "Authorization: Digest username=\"x\"\r\n" : "",
	        r->agent && !back ? "User-Agent: " : "", r->agent && !back ? r->agent : "",
	        r->agent && !back ? "\r\n" : "", r->headers ? r->headers : "");
	assert_true(len > 0 && len < (int)sizeof text);
	scene_bytes(scene, ms, back ? r->dst : r->src, back ? r->src : r->dst, text,
	            (size_t)len);
}

/* A request and its final answer 20 ms later. */
static inline void ask(struct scene *scene, const struct request *r)
{
	char what[32];
	snprintf(what, sizeof what, "%u Said", r->status);
	speak(scene, r, r->ms, r->method, false);
	if (r->rings)
		speak(scene, r, r->ms + 10, "180 Ringing", true);
	if (r->status)
		speak(scene, r, r->ms + 20, what, true);
}

static inline const char *user(unsigned int number)
{
	static char names[4][16];
	static unsigned int at;
	at = (at + 1) % 4;
	snprintf(names[at], sizeof names[at], "%u", number);
	return names[at];
}

static inline const char *host(unsigned int net, unsigned int number)
{
	static char names[4][32];
	static unsigned int at;
	at = (at + 1) % 4;
	snprintf(names[at], sizeof names[at], "198.18.%u.%u:5060", net + number / 250,
	         number % 250 + 1);
	return names[at];
}

/* Time goes on until everything has been waited for. */
static inline void rest(struct scene *scene, double ms)
{
	scene_bytes(scene, ms, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

/* --- what comes of it ---------------------------------------------------------------- */

struct seen {
	struct observation_record told[KEPT]; /* all of them, in their order */
	size_t count;
	struct counters counters;
};

static inline void keep(void *self, const struct record *record)
{
	struct seen *seen = self;
	if (record->kind != RECORD_OBSERVATION)
		return;
	assert_true(seen->count < KEPT);
	seen->told[seen->count++] = record->observation;
}

static inline struct seen run(struct scene *scene)
{
	struct seen seen = { .count = 0 };
	const struct sink sink = { keep, &seen };
	struct analyzer *analyzer;
	enum claim claim;
	scene_sort(scene);
	assert_int_equal(analyzer_new(&scene->settings, &sink, &analyzer), OK);
	for (size_t i = 0; i < scene->packet_count; i++)
		analyzer_feed(analyzer, &scene->packets[i].packet, 1, &claim);
	analyzer_finish(analyzer);
	seen.counters = *analyzer_counters(analyzer);
	analyzer_free(analyzer);
	scene_free(scene);
	return seen;
}

/* Those that are over: what each came to. */
static inline size_t count_of(const struct seen *seen, enum observation_type type)
{
	size_t count = 0;
	for (size_t i = 0; i < seen->count; i++)
		count += seen->told[i].over && seen->told[i].type == type;
	return count;
}

static inline const struct observation_record *only(const struct seen *seen,
                                                    enum observation_type type)
{
	const struct observation_record *found = NULL;
	for (size_t i = 0; i < seen->count; i++) {
		if (!seen->told[i].over)
			continue;
		if (seen->told[i].type != type)
			fail_msg("there is a %s, too",
			         observation_type_names[seen->told[i].type]);
		assert_null(found);
		found = &seen->told[i];
	}
	assert_non_null(found);
	return found;
}

#endif
