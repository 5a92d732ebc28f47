/* Where receivers are, and what they answer: RFC 9112, RELP, and what is neither. */
#include <stdlib.h>
#include <string.h>

#include "probe/notify_http.h"
#include "probe/notify_relp.h"
#include "tests/unit/unit.h"

static void http_answers(void **state)
{
	static const struct {
		const char *what, *bytes;
		bool closed;
		enum status status;
		unsigned int code;
		int64_t after_s;
		const char *said;
	} cases[] = {
		{ "a head is enough where all is well", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
		  false, OK, 200, 0, "" },
		{ "no reason phrase", "HTTP/1.0 204\r\n\r\n", false, OK, 204, 0, "" },
		{ "half a head", "HTTP/1.1 200 OK\r\nA: b\r\n", false, ERR_NOT_FOUND, 0, 0,
		  "" },
		{ "half a head is all", "HTTP/1.1 200 OK\r\nA: b\r\n", true, ERR_MALFORMED,
		  0, 0, "" },
		{ "nothing", "", true, ERR_MALFORMED, 0, 0, "" },
		{ "an interim answer before it",
		  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", false, OK,
		  201, 0, "" },
		{ "an interim answer alone", "HTTP/1.1 103 Early Hints\r\n\r\n", true,
		  ERR_MALFORMED, 0, 0, "" },
		{ "the words of an error are waited for",
		  "HTTP/1.1 401 No\r\nContent-Length: 5\r\n\r\nwho", false, ERR_NOT_FOUND,
		  0, 0, "" },
		{ "and taken", "HTTP/1.1 401 No\r\ncontent-length:5 \r\n\r\nwho??", false,
		  OK, 401, 0, "who??" },
		{ "or what there is of them", "HTTP/1.1 401 No\r\n\r\nwho", true, OK, 401,
		  0, "who" },
		{ "the first line", "HTTP/1.1 400 No\r\n\r\n why \r\nmore", true, OK, 400,
		  0, "why" },
		{ "of chunks the first",
		  "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n0\r\n\r\n",
		  true, OK, 400, 0, "why" },
		{ "a time", "HTTP/1.1 503 x\r\nRETRY-AFTER: 7\r\nContent-Length: 0\r\n\r\n",
		  false, OK, 503, 7, "" },
		{ "a very long time",
		  "HTTP/1.1 503 x\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n",
		  false, OK, 503, 3600, "" },
		{ "a date",
		  "HTTP/1.1 503 x\r\nRetry-After: Sun, 06 Nov 1994 08:50:39 GMT\r\n\r\n",
		  true, OK, 503, 62, "" },
		{ "a date of RFC 850",
		  "HTTP/1.1 429 x\r\nRetry-After: Sunday, 06-Nov-94 08:49:38 GMT\r\n\r\n",
		  true, OK, 429, 1, "" },
		{ "a date of asctime()",
		  "HTTP/1.1 503 x\r\nRetry-After: Sun Nov  6 08:49:47 1994\r\n\r\n", true,
		  OK, 503, 10, "" },
		{ "a date that is now",
		  "HTTP/1.1 503 x\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
		  true, OK, 503, 0, "" },
		{ "a date of years to come",
		  "HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n\r\n",
		  true, OK, 503, 3600, "" },
		{ "a date of next year",
		  "HTTP/1.1 503 x\r\nRetry-After: Mon, 06 Nov 1995 08:49:37 GMT\r\n\r\n",
		  true, OK, 503, 3600, "" },
		{ "a date of another zone",
		  "HTTP/1.1 503 x\r\nRetry-After: Sun, 06 Nov 1994 08:50:39 CET\r\n\r\n",
		  true, OK, 503, 0, "" },
		{ "no date", "HTTP/1.1 503 x\r\nRetry-After: soon, or later\r\n\r\n", true,
		  OK, 503, 0, "" },
		{ "a negative time", "HTTP/1.1 503 x\r\nRetry-After: -5\r\n\r\n", true, OK,
		  503, 0, "" },
		{ "HTTP/2", "HTTP/2 200\r\n\r\n", true, ERR_MALFORMED, 0, 0, "" },
		{ "no number", "HTTP/1.1 2x0 OK\r\n\r\n", true, ERR_MALFORMED, 0, 0, "" },
		{ "four digits", "HTTP/1.1 2000 OK\r\n\r\n", true, ERR_MALFORMED, 0, 0,
		  "" },
		{ "above 599", "HTTP/1.1 600 OK\r\n\r\n", true, ERR_MALFORMED, 0, 0, "" },
		{ "SSH", "SSH-2.0-OpenSSH\r\n\r\n", true, ERR_MALFORMED, 0, 0, "" },
	};
	/* Of the examples of RFC 9110 section 5.6.7. */
	const nstime now = INT64_C(784111777) * NS_PER_SEC;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_answer answer;
		const enum status status = http_answer_read(text_from(cases[i].bytes),
		                                            cases[i].closed, now, &answer);
		if (status != cases[i].status)
			fail_msg("%s: %s", cases[i].what, status_name(status));
		if (status == OK && (answer.code != cases[i].code ||
		                     answer.after != cases[i].after_s * NS_PER_SEC ||
		                     strcmp(answer.said, cases[i].said) != 0))
			fail_msg("%s: %u, %lld, '%s'", cases[i].what, answer.code,
			         (long long)answer.after, answer.said);
	}
}

static void relp_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t whole; /* 0: more has to come; SIZE_MAX: none */
		uint64_t number;
		const char *command, *data;
	} cases[] = {
		{ "2 rsp 6 200 OK\n", 15, 2, "rsp", "200 OK" },
		{ "2 rsp 6 200 OK\n3 rsp 0\n", 15, 2, "rsp", "200 OK" },
		{ "0 serverclose 0\n", 16, 0, "serverclose", "" },
		{ "2 rsp 6 200 O", 0, 0, "", "" },
		{ "2 rsp 6", 0, 0, "", "" },
		{ "2 rsp", 0, 0, "", "" },
		{ "2", 0, 0, "", "" },
		{ "x rsp 6 200 OK\n", SIZE_MAX, 0, "", "" },
		{ "2 rsp x\n", SIZE_MAX, 0, "", "" },
		{ "2 rsp 99999 a\n", SIZE_MAX, 0, "", "" },
		{ "1000000000 rsp 0\n", SIZE_MAX, 0, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct relp_frame frame;
		const size_t whole = relp_take(text_from(cases[i].bytes), 512, &frame);
		if (whole != cases[i].whole)
			fail_msg("%s: %zu", cases[i].bytes, whole);
		if (whole == 0 || whole == SIZE_MAX)
			continue;
		assert_true(frame.number == cases[i].number &&
		            text_equal(frame.command, text_from(cases[i].command)) &&
		            text_equal(frame.data, text_from(cases[i].data)));
	}
}

static void places(void **state)
{
	static const struct {
		const char *address;
		bool good, url, tls;
		const char *host;
		unsigned int port;
		const char *path;
	} cases[] = {
		{ "192.0.2.9:514", true, false, false, "192.0.2.9", 514, "" },
		{ "[2001:db8::9]:6514", true, false, false, "2001:db8::9", 6514, "" },
		{ "logs.example.net:1", true, false, false, "logs.example.net", 1, "" },
		{ "a_b-c:65535", true, false, false, "a_b-c", 65535, "" },
		{ "192.0.2.9", false, false, false, "", 0, "" },
		{ "192.0.2.9:0", false, false, false, "", 0, "" },
		{ "192.0.2.9:65536", false, false, false, "", 0, "" },
		{ "[192.0.2.9:1", false, false, false, "", 0, "" },
		{ "[::1]1", false, false, false, "", 0, "" },
		{ "a..b:1", false, false, false, "", 0, "" },
		{ "-a:1", false, false, false, "", 0, "" },
		{ "a b:1", false, false, false, "", 0, "" },
		{ "", false, false, false, "", 0, "" },
		{ "http://a", true, true, false, "a", 80, "/" },
		{ "https://a/b?c", true, true, true, "a", 443, "/b?c" },
		{ "https://[::1]:8443/", true, true, true, "::1", 8443, "/" },
		{ "http://a#b", false, true, false, "", 0, "" },
		{ "http://a/b c", false, true, false, "", 0, "" },
		{ "http://a/\r\nX: y", false, true, false, "", 0, "" },
		{ "http://u:p@a/", false, true, false, "", 0, "" },
		{ "http:///x", false, true, false, "", 0, "" },
		{ "ftp://a/", false, true, false, "", 0, "" },
		{ "HTTP://a/", false, true, false, "", 0, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place place;
		const struct text text = text_from(cases[i].address);
		const enum status status = cases[i].url ? place_of_url(text, &place)
		                                        : place_of_peer(text, &place);
		if ((status == OK) != cases[i].good)
			fail_msg("%s: %s", cases[i].address, status_name(status));
		if (status == OK &&
		    (strcmp(place.host, cases[i].host) != 0 ||
		     place.port != cases[i].port ||
		     strcmp(place.path, cases[i].path) != 0 || place.tls != cases[i].tls))
			fail_msg("%s: %s %u %s", cases[i].address, place.host, place.port,
			         place.path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_answers),
		cmocka_unit_test(relp_frames),
		cmocka_unit_test(places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
