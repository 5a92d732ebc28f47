/* read_capture.h - all frames of a source through the pipeline, for every command. */
#ifndef EARSHOT_PROBE_READ_CAPTURE_H
#define EARSHOT_PROBE_READ_CAPTURE_H

#include "probe/pipeline.h"
#include "probe/source.h"

/*
 * Reads to the end, with a line of progress if that is wanted, and tells the pipeline what
 * the capture itself dropped.  False when something could not be read: said on standard
 * error; what could be read has been.
 */
bool read_capture(struct source *source, struct pipeline *pipeline, bool progress);

/* The same, with a thread of its own that reads. */
bool read_capture_ahead(struct source *source, struct pipeline *pipeline, bool progress);

#endif
