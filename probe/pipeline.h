/*
 * pipeline.h - one frame's journey: filter, decode, put streams together, analyse; and the
 * account of every frame that set out.
 */
#ifndef EARSHOT_PROBE_PIPELINE_H
#define EARSHOT_PROBE_PIPELINE_H

#include "analyzer/analyzer.h"
#include "probe/decode.h"
#include "probe/frame.h"
#include "probe/source.h"
#include "probe/summary.h"

struct pipeline;

struct pipeline_options {
	struct settings settings;
	const char *bpf;           /* NULL = every frame */
	const struct sink *sink;   /* borrowed */
	bool applications;         /* flows of other applications are told apart, by nDPI */
	bool applications_at_once; /* see application.h */
	bool hep;                  /* frames may be FRAME_HEP */
	bool hep_in_udp; /* HEP3 on any port is what an agent tells: in captures alone */
	/*
	 * 2: the analyzer has a thread of its own.  3 and more: so has the sink, which is
	 * then called there until pipeline_finish has returned.  0 is 1.
	 */
	unsigned int workers;
};

/* Between the threads: what is in use, what ever was at a time, what there is. */
struct pipeline_depth {
	size_t batches, most_batches, all_batches; /* of packets */
	size_t blocks, most_blocks, all_blocks;    /* of records */
};

enum { PIPELINE_ERROR_SIZE = 256, PIPELINE_WORKERS = 4 };

/* ERR_MALFORMED: the filter does not compile, `error` says why.  ERR_NOMEM. */
MUST_CHECK enum status pipeline_new(const struct pipeline_options *options,
                                    struct pipeline **out, char error[PIPELINE_ERROR_SIZE]);

/*
 * What a source may read to whose frames are all for this pipeline, so that threads need
 * not copy them; NULL: there are no threads.  Borrowed from the pipeline, which knows when
 * the frames are done with.
 */
const struct source_room *pipeline_room(const struct pipeline *pipeline);

/*
 * Takes frames in order; unless they stay, nothing of them is needed any more when it
 * returns.  With threads, their records may come later: at the latest by pipeline_finish,
 * or when the account is asked for.
 */
void pipeline_frames(struct pipeline *pipeline, const struct frame *frames, size_t count);

/*
 * No frame that is still to come is older than `now`: what is overdue becomes final.  For
 * sources that may be silent.
 */
void pipeline_advance(struct pipeline *pipeline, nstime now);

/* See analyzer.h. */
void pipeline_snapshot(const struct pipeline *pipeline, nstime since,
                       const struct sink *sink);
void pipeline_checkpoint(const struct pipeline *pipeline, uint32_t part, uint32_t parts,
                         const struct sink *sink);
nstime pipeline_oldest(const struct pipeline *pipeline);
void pipeline_set_trunks(struct pipeline *pipeline, const struct trunks *trunks,
                         const struct number_plan *numbers);
/* See analyzer.h.  ERR_NOMEM: they are not told apart. */
MUST_CHECK enum status pipeline_set_points(struct pipeline *pipeline,
                                           const struct settings *settings);
/* Agents will tell by HEP, of which options.hep did not know.  ERR_NOMEM. */
MUST_CHECK enum status pipeline_expect_hep(struct pipeline *pipeline);

/* What the source says was dropped before it was written. */
void pipeline_note_dropped(struct pipeline *pipeline, uint64_t frames);

/* End of input: all records leave. */
void pipeline_finish(struct pipeline *pipeline);

/* The account as it stands; borrows from the pipeline. */
struct summary pipeline_summary(const struct pipeline *pipeline);

/* The same of frames alone, at little cost; threads may be some frames behind. */
struct frame_tally {
	uint64_t frames, parsed, not_ours, malformed, dropped;
};
struct frame_tally pipeline_tally(const struct pipeline *pipeline);

/* Threads: zero without them. */
struct pipeline_depth pipeline_depth(const struct pipeline *pipeline);

/* The latest time stamp so far, NSTIME_NONE before the first frame. */
nstime pipeline_latest(const struct pipeline *pipeline);

/* A digest over all frames so far: their stamps, lengths and bytes; of voice packets the
 * bytes that the analyzer looks at. */
void pipeline_digest(const struct pipeline *pipeline, uint8_t digest[16]);

void pipeline_free(struct pipeline *pipeline); /* NULL is fine */

#endif
