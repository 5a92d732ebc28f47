#include "probe/filter_option.h"

#include <err.h>
#include <string.h>
#include <time.h>

#include "web/buffer.h"
#include "web/display.h"

enum { POINTED_AT_MOST = 400 }; /* bytes; in a longer one nobody finds the mark */

/* The filter on a line, and what is wrong in it marked on the next. */
static void point_at(const char *filter, size_t column)
{
	struct buffer lines = { 0 };
	buffer_add_blanks(&lines, 2);
	display_text(&lines, text_from(filter));
	buffer_add_char(&lines, '\n');
	buffer_add_blanks(&lines, 1 + column);
	buffer_add_string(&lines, "^\n");
	(void)buffer_write(&lines, stderr);
	buffer_free(&lines);
}

struct filter *filter_option(const char *command, const char *text, enum record_kind kind)
{
	struct filter_error error;
	struct filter *filter = NULL;
	if (filter_parse(text_from(text), kind, &filter, &error) == OK)
		return filter;
	warnx("%s: --filter: column %zu: %s", command, error.column, error.text);
	if (strlen(text) <= POINTED_AT_MOST)
		point_at(text, error.column);
	return NULL;
}

nstime filter_option_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}
