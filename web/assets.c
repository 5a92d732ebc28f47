#include "web/assets.h"

#include <zlib.h>

#define METHODS "GET, HEAD, OPTIONS"

enum { WINDOW_OF_GZIP = 15 + 16 };

/* The first part of a view's path; what follows is for the script in the page to read. */
static const char *const views[] = { "calls",    "trunks",  "security", "alerts",
	                             "findings", "account", "probe" };

static bool is_view(const struct request *request)
{
	if (request->segment_count == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		if (text_equal(request->segments[0], text_from(views[i])))
			return true;
	}
	return false;
}

const struct asset *assets_find(const struct request *request)
{
	const bool view = is_view(request);
	if (!view && request->segment_count != 1)
		return NULL;
	const struct text name = view ? TEXT("index.html") : request->segments[0];
	for (size_t i = 0; i < asset_count; i++) {
		if (text_equal(text_skip(text_from(assets[i].path), 1), name))
			return &assets[i];
	}
	return NULL;
}

/* For the few clients that do not take gzip.  What is in the program is sound. */
static void add_plain(struct buffer *to, const struct asset *asset)
{
	z_stream z = { 0 };
	char *const room = buffer_room(to, asset->size);
	if (!room || inflateInit2(&z, WINDOW_OF_GZIP) != Z_OK) {
		to->failed = true;
		return;
	}
	z.next_in = (Bytef *)asset->gzip;
	z.avail_in = (uInt)asset->gzip_size;
	z.next_out = (Bytef *)room;
	z.avail_out = (uInt)asset->size;
	if (inflate(&z, Z_FINISH) == Z_STREAM_END)
		to->len += asset->size;
	else
		to->failed = true;
	inflateEnd(&z);
}

bool assets_answer(const struct asset *asset, const struct request *request,
                   struct response *response, struct problem *problem)
{
	if (request->method == METHOD_OPTIONS) {
		text_copy(response->allow, sizeof response->allow, TEXT(METHODS));
		response->status = 204;
		return true;
	}
	if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
		text_copy(response->allow, sizeof response->allow, TEXT(METHODS));
		return problem_set(problem, 405, "bad-method", "this path takes " METHODS);
	}
	response->status = 200;
	response->type = asset->type;
	response->public = true;
	response->lasting = asset->hashed;
	text_copy(response->etag, sizeof response->etag, text_from(asset->etag));
	if (accept_gzip(request->accept_encoding)) {
		const struct text packed = { (const char *)asset->gzip, asset->gzip_size };
		buffer_add(&response->body, packed);
		response->gzipped = true;
	} else {
		add_plain(&response->body, asset);
	}
	if (response->body.failed)
		return problem_set(problem, 503, "no-memory", "memory ran out");
	return true;
}
