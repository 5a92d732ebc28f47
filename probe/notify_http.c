#include "probe/notify_http.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/http_date.h"

enum { SIGNATURE_BYTES = 32, RETRY_AFTER_MOST_S = 3600 };

/* --- what is read once ---------------------------------------------------------------- */

/* The first line. */
static enum status read_line(const char *path, char to[HTTP_LINE_FILE],
                             char error[NOTIFY_ERROR_SIZE])
{
	if (!path[0])
		return OK;
	FILE *file = fopen(path, "re");
	const bool read = file && fgets(to, HTTP_LINE_FILE, file);
	if (!read)
		snprintf(error, NOTIFY_ERROR_SIZE, "%.120s: %s", path,
		         file && !ferror(file) ? "is empty" : strerror(errno));
	if (file)
		fclose(file);
	to[strcspn(to, "\r\n")] = '\0';
	return read ? OK : ERR_IO;
}

enum status notify_http_new(const struct receiver *receiver, struct notify_http **out,
                            char error[NOTIFY_ERROR_SIZE])
{
	*out = NULL;
	if (!notify_is_http(receiver))
		return OK;
	struct notify_http *http = calloc(1, sizeof *http);
	if (!http) {
		snprintf(error, NOTIFY_ERROR_SIZE, "memory ran out");
		return ERR_NOMEM;
	}
	http->receiver = receiver;
	enum status status = read_line(receiver->secret, http->secret, error);
	if (status == OK)
		status = read_line(receiver->authorization, http->authorization, error);
	if (status == OK)
		*out = http;
	else
		notify_http_free(http);
	return status;
}

void notify_http_free(struct notify_http *http)
{
	if (!http)
		return;
	buffer_free(&http->out);
	gnutls_memset(http->secret, 0, sizeof http->secret);
	free(http);
}

/* --- a request ------------------------------------------------------------------------ */

static void add_head(struct notify_http *http, size_t length, uint64_t delivery)
{
	const struct place *place = &http->receiver->place;
	const bool bare = strchr(place->host, ':') != NULL; /* IPv6 */
	struct buffer *out = &http->out;
	buffer_format(out, "POST %s HTTP/1.1\r\nHost: %s%s%s", place->path, bare ? "[" : "",
	              place->host, bare ? "]" : "");
	if (place->port != (place->tls ? 443 : 80))
		buffer_format(out, ":%u", place->port);
	buffer_format(out,
	              "\r\nUser-Agent: earshot\r\nAccept: */*\r\nConnection: close\r\n"
	              "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	              "X-Earshot-Delivery: %016llx\r\n",
	              length, (unsigned long long)delivery);
	if (http->authorization[0])
		buffer_format(out, "Authorization: %s\r\n", http->authorization);
}

static bool add_signature(struct notify_http *http, struct text body, nstime now)
{
	uint8_t digest[SIGNATURE_BYTES];
	char stamp[32];
	gnutls_hmac_hd_t hmac;
	if (!http->secret[0])
		return true;
	snprintf(stamp, sizeof stamp, "%lld.", (long long)(now / NS_PER_SEC));
	if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, http->secret, strlen(http->secret)))
		return false;
	const bool good = gnutls_hmac(hmac, stamp, strlen(stamp)) == 0 &&
	                  gnutls_hmac(hmac, body.at, body.len) == 0;
	gnutls_hmac_deinit(hmac, digest);
	buffer_format(&http->out,
	              "X-Earshot-Timestamp: %lld\r\nX-Earshot-Signature: sha256=",
	              (long long)(now / NS_PER_SEC));
	for (size_t i = 0; i < SIGNATURE_BYTES; i++)
		buffer_format(&http->out, "%02x", digest[i]);
	buffer_add_string(&http->out, "\r\n");
	return good;
}

enum status notify_http_post(struct notify_http *http, struct text body, uint64_t delivery,
                             nstime now)
{
	notify_http_stop(http);
	add_head(http, body.len, delivery);
	if (!add_signature(http, body, now))
		return ERR_NOMEM;
	buffer_add_string(&http->out, "\r\n");
	buffer_add(&http->out, body);
	http->posting = !http->out.failed;
	return http->posting ? OK : ERR_NOMEM;
}

void notify_http_stop(struct notify_http *http)
{
	http->out.len = http->taken = http->in_len = 0;
	http->posting = false;
}

/* --- an answer ------------------------------------------------------------------------ */

/* "HTTP/1.1 200 OK" */
static bool read_status(struct text line, unsigned int *code)
{
	uint64_t number = 0;
	if (!text_starts(line, TEXT("HTTP/1.")) || line.len < 12 || line.at[8] != ' ' ||
	    text_number(text_head(text_skip(line, 9), 3), 599, &number) != OK ||
	    number < 100)
		return false;
	*code = (unsigned int)number;
	return line.len == 12 || line.at[12] == ' ';
}

struct head {
	uint64_t length; /* of the body; UINT64_MAX: until the end of the connection */
	bool chunked;
};

/* Seconds, or a date; what is neither is nothing. */
static nstime read_retry(struct text value, nstime now)
{
	uint64_t seconds = 0;
	nstime date;
	if (text_number(value, UINT32_MAX, &seconds) == OK)
		seconds = seconds < RETRY_AFTER_MOST_S ? seconds : RETRY_AFTER_MOST_S;
	else if (http_date_read(value, &date) != OK || date <= now)
		return 0;
	else
		return date - now < RETRY_AFTER_MOST_S * NS_PER_SEC
		               ? date - now
		               : RETRY_AFTER_MOST_S * NS_PER_SEC;
	return (nstime)seconds * NS_PER_SEC;
}

/* Behind the status line, up to the empty line. */
static void read_fields(struct text fields, nstime now, struct head *head,
                        struct http_answer *out)
{
	uint64_t number;
	while (fields.len) {
		struct text value = text_cut_line(&fields);
		const struct text name = text_cut(&value, ':');
		value = text_trim(value);
		if (text_equal_nocase(name, TEXT("content-length")) &&
		    text_number(value, UINT32_MAX, &number) == OK)
			head->length = number;
		else if (text_equal_nocase(name, TEXT("transfer-encoding")))
			head->chunked = true;
		else if (text_equal_nocase(name, TEXT("retry-after")))
			out->after = read_retry(value, now);
	}
}

/* Its beginning, for people; of chunks the first. */
static enum status read_body(struct text body, bool closed, const struct head *head,
                             struct http_answer *out)
{
	const bool good = out->code < 300;
	if (head->chunked && text_find(body, '\n') < body.len)
		(void)text_cut_line(&body);
	else if (head->chunked && !good && !closed)
		return ERR_NOT_FOUND;
	const bool all =
	        body.len >= HTTP_SAID || (!head->chunked && body.len >= head->length);
	if (!good && !all && !closed)
		return ERR_NOT_FOUND;
	const struct text line = text_head(body, text_find(body, '\n'));
	text_copy(out->said, sizeof out->said, text_trim(line));
	return OK;
}

enum status http_answer_read(struct text bytes, bool closed, nstime now,
                             struct http_answer *out)
{
	const struct text end = TEXT("\r\n\r\n");
	for (;;) {
		struct head head = { .length = UINT64_MAX };
		const size_t whole = text_find_text(bytes, end);
		struct text fields = text_head(bytes, whole);
		*out = (struct http_answer){ .code = 0 };
		if (whole == bytes.len)
			return closed ? ERR_MALFORMED : ERR_NOT_FOUND;
		if (!read_status(text_cut_line(&fields), &out->code))
			return ERR_MALFORMED;
		bytes = text_skip(bytes, whole + end.len);
		if (out->code < 200)
			continue; /* the answer proper comes behind it */
		read_fields(fields, now, &head, out);
		return read_body(bytes, closed, &head, out);
	}
}

static bool send_rest(struct notify_http *http, struct notify_stream *stream)
{
	while (http->taken < http->out.len) {
		const ssize_t sent = notify_stream_send(stream, http->out.at + http->taken,
		                                        http->out.len - http->taken);
		if (sent <= 0)
			return sent == 0;
		http->taken += (size_t)sent;
	}
	return true;
}

/* False: nothing more will come. */
static bool receive_rest(struct notify_http *http, struct notify_stream *stream)
{
	while (http->in_len < sizeof http->in) {
		const ssize_t got = notify_stream_receive(stream, http->in + http->in_len,
		                                          sizeof http->in - http->in_len);
		if (got <= 0)
			return got == 0;
		http->in_len += (size_t)got;
	}
	return false;
}

enum status notify_http_work(struct notify_http *http, struct notify_stream *stream,
                             bool late, nstime now, struct http_answer *out)
{
	/* One that does not read to the end may have answered all the same. */
	const bool sent = send_rest(http, stream);
	const bool more = stream->fd >= 0 && receive_rest(http, stream);
	const enum status status = http_answer_read((struct text){ http->in, http->in_len },
	                                            !sent || !more || late, now, out);
	if (status != ERR_MALFORMED)
		return status;
	if (late)
		notify_stream_fail(stream, "the receiver does not answer");
	else if (http->in_len)
		notify_stream_fail(stream, "what the receiver says is no HTTP");
	return ERR_IO;
}
