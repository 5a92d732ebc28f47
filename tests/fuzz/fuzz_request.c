/*
 * Whatever somebody asks of the server: what is taken apart lies within the request's own
 * room, is valid UTF-8 without NUL, and is no longer than what was asked; what is refused
 * has its reason.  A first line is the target, the rest header fields.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/utf8.h"
#include "web/cursor.h"
#include "web/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const struct request *request, struct text t, size_t most)
{
	assert(t.len <= most && t.at >= request->room &&
	       t.at + t.len <= request->room + sizeof request->room);
	assert(utf8_valid(t) && text_find(t, '\0') == t.len);
}

static void check_target(struct text target)
{
	struct request *request = calloc(1, sizeof *request);
	struct problem problem = { 0 };
	struct buffer told = { 0 };
	assert(request);
	if (request_read_target(request, target, &problem)) {
		for (size_t i = 0; i < request->segment_count; i++)
			check_text(request, request->segments[i], target.len);
		for (size_t i = 0; i < request->parameter_count; i++) {
			check_text(request, request->parameters[i].name, target.len);
			check_text(request, request->parameters[i].value, target.len);
		}
	} else {
		assert(problem.status >= 400 && problem.status < 500 && problem.code);
		assert(problem.column <= target.len + 1);
		problem_write(&told, &problem, 1);
		assert(!told.failed && utf8_valid(buffer_text(&told)));
		assert(text_find(buffer_text(&told), '<') == told.len);
	}
	buffer_free(&told);
	free(request);
}

/* A cursor that is taken is written back as it was, whatever its letters' case. */
static void check_cursor(struct text t)
{
	struct cursor cursor;
	char text[CURSOR_SIZE];
	if (cursor_read(t, 0, &cursor) != OK)
		return;
	cursor_write(&cursor, 0, text);
	assert(cursor_read(text_from(text), 0, &cursor) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct text rest = { (const char *)data, len };
	const struct text target = text_cut(&rest, '\n');
	char *field = malloc(rest.len + 1);
	assert(field);
	if (rest.len > 0)
		memcpy(field, rest.at, rest.len);
	field[rest.len] = '\0';
	check_target(target);
	check_cursor(target);
	(void)request_host_is_local(rest);
	assert(accept_quality(field, "text/csv") <= 1000);
	(void)accept_gzip(field);
	(void)etag_matches(field, "W/\"1\"");
	free(field);
	return 0;
}
