#include "web/response.h"

#include <string.h>
#include <zlib.h>

#include "analyzer/base/hash.h"

enum { GZIP_LEVEL = 5, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 };

/* By preference, should the client have none. */
static const struct {
	enum response_format format;
	const char *asked, *type;
} formats_known[] = {
	{ FORMAT_JSON, "application/json", "application/json" },
	{ FORMAT_LINES, "application/x-ndjson", "application/x-ndjson" },
	{ FORMAT_LINES, "application/jsonl", "application/jsonl" },
	{ FORMAT_CSV, "text/csv", "text/csv; charset=utf-8; header=present" },
	{ FORMAT_METRICS, "text/plain", "text/plain; version=0.0.4; charset=utf-8" },
	{ FORMAT_METRICS, "application/openmetrics-text",
	  "application/openmetrics-text; version=1.0.0; charset=utf-8" },
	{ FORMAT_YAML, "application/yaml", "application/yaml" },
	{ FORMAT_YAML, "text/yaml", "text/yaml; charset=utf-8" },
	{ FORMAT_PCAP, "application/vnd.tcpdump.pcap", "application/vnd.tcpdump.pcap" },
	{ FORMAT_EVENTS, "text/event-stream", "text/event-stream" },
};

bool response_negotiate(struct response *response, unsigned int formats, const char *accept)
{
	unsigned int best = 0;
	for (size_t i = 0; i < ARRAY_LEN(formats_known); i++) {
		if (!(formats & 1U << formats_known[i].format))
			continue;
		const unsigned int quality = accept_quality(accept, formats_known[i].asked);
		if (quality <= best)
			continue;
		best = quality;
		response->format = formats_known[i].format;
		response->type = formats_known[i].type;
	}
	return best > 0;
}

void response_problem(struct response *response, const struct problem *problem,
                      uint64_t request)
{
	response_free(response);
	struct response told = { .status = problem->status,
		                 .type = "application/problem+json",
		                 .retry_s = problem->retry_s };
	memcpy(told.allow, response->allow, sizeof told.allow);
	memcpy(told.who, response->who, sizeof told.who);
	*response = told;
	problem_write(&response->body, problem, request);
}

/* A name for the bytes, the same after a restart; nobody gains by a collision of his own.
 */
static void tag(struct response *response)
{
	static const struct hash_key keys[2] = { { 1, 2 }, { 3, 4 } };
	const struct text body = buffer_text(&response->body);
	struct buffer out = { 0 };
	buffer_format(&out, "W/\"%016llx%08llx\"",
	              (unsigned long long)(hash_text(&keys[0], body) ^
	                                   hash_text(&keys[1], text_from(response->type))),
	              (unsigned long long)(hash_text(&keys[1], body) >> 32));
	text_copy(response->etag, sizeof response->etag, buffer_text(&out));
	buffer_free(&out);
}

/* Leaves the body as it is when that cannot be done. */
static void compress_body(struct response *response)
{
	z_stream z = { 0 };
	struct buffer packed = { 0 };
	if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
	                 Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	const size_t most = deflateBound(&z, response->body.len);
	z.next_in = (Bytef *)response->body.at;
	z.avail_in = (uInt)response->body.len;
	z.next_out = (Bytef *)buffer_room(&packed, most);
	z.avail_out = (uInt)most;
	if (z.next_out && deflate(&z, Z_FINISH) == Z_STREAM_END) {
		packed.len = z.total_out;
		buffer_free(&response->body);
		response->body = packed;
		response->gzipped = true;
	} else {
		buffer_free(&packed);
	}
	deflateEnd(&z);
}

void response_finish(struct response *response, const struct request *request)
{
	if (response->status == 200 && response->format != FORMAT_EVENTS) {
		if (!response->etag[0])
			tag(response);
		if (etag_matches(request->if_none_match, response->etag)) {
			buffer_free(&response->body);
			response->body = (struct buffer){ 0 };
			response->status = 304;
			response->gzipped = false;
		}
	}
	if (!response->gzipped && response->body.len >= RESPONSE_GZIP_MIN &&
	    accept_gzip(request->accept_encoding))
		compress_body(response);
}

void response_free(struct response *response)
{
	buffer_free(&response->body);
	response->body = (struct buffer){ 0 };
	live_close(response->stream);
	response->stream = NULL;
}
