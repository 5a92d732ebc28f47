#include "probe/web_site.h"

#include <time.h>

#include "probe/dossier.h"
#include "probe/explain_call.h"
#include "probe/print_intervals.h"
#include "probe/version.h"

static enum status explain(struct query *query, const struct found *found,
                           struct buffer *to)
{
	const struct explain_subject subject = { found->kind, found->id };
	const struct explain_style style = { .mode = PRINT_JSON };
	struct dossier dossier = { 0 };
	const enum status status = dossier_read(&dossier, query, found);
	if (status == OK)
		explain_subject(&dossier, subject, style, to);
	to->failed |= dossier.no_memory;
	dossier_free(&dossier);
	return status;
}

void web_site_init(struct site *site)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	*site = (struct site){
		.version = EARSHOT_VERSION,
		.add_intervals = json_add_intervals,
		.explain = explain,
		.started = (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec,
	};
}
