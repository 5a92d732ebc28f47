/*
 * analyze_options.h - the command line of `earshot analyze`.
 */
#ifndef EARSHOT_PROBE_ANALYZE_OPTIONS_H
#define EARSHOT_PROBE_ANALYZE_OPTIONS_H

#include "probe/config.h"
#include "probe/pipeline.h"
#include "probe/print.h"
#include "schema/filter.h"

struct analyze_options {
	struct print_options print;
	struct pipeline_options pipeline; /* all but its sink */
	struct config *config;            /* owned */
	const char *db, *html;            /* NULL = none */
	struct filter *filter; /* owned, unless somebody takes it; NULL = everything */
	double fail_below;     /* NAN = not asked for */
	bool progress, alerts;
	int workers;
	char **files;         /* owned list, not the names */
	uint8_t *file_points; /* owned, as many */
	size_t file_count;
};

/* True: go on.  Else *exit_status is what to return: what was wrong, or the help, has been
 * printed.  To be freed in any case. */
bool analyze_options_read(struct analyze_options *options, int argc, char **argv,
                          int *exit_status);
void analyze_options_free(struct analyze_options *options);

/* What makes the same frames give other records. */
void analyze_options_describe(const struct analyze_options *options, char *to, size_t size);

#endif
