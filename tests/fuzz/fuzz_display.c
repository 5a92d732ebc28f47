/*
 * Whatever bytes come off the wire: what is shown is harmless, and what can be undone gives
 * the bytes back.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/utf8.h"
#include "web/display.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_harmless(const struct buffer *shown)
{
	for (struct text rest = buffer_text(shown); rest.len > 0;) {
		size_t taken;
		const uint32_t code_point = utf8_next(rest, &taken);
		assert(code_point != UTF8_INVALID && !display_acts(code_point));
		rest = text_skip(rest, taken);
	}
}

static void check_text(struct text t)
{
	struct buffer once = { 0 };
	struct buffer twice = { 0 };
	display_text(&once, t);
	check_harmless(&once);
	display_text(&twice, buffer_text(&once));
	assert(text_equal(buffer_text(&once), buffer_text(&twice)));
	buffer_free(&once);
	buffer_free(&twice);
}

static void check_json(struct text t)
{
	struct buffer shown = { 0 };
	display_json(&shown, t);
	check_harmless(&shown);
	assert(shown.len >= 2 && shown.at[0] == '"' && shown.at[shown.len - 1] == '"');
	for (size_t i = 1; i + 1 < shown.len; i++) {
		assert(!memchr("\"<>&", shown.at[i], 4));
		i += shown.at[i] == '\\';
	}
	buffer_free(&shown);
}

/* Nothing ends an attribute or begins a tag, and an ampersand begins one of our references.
 */
static void check_html(struct text t)
{
	static const char *const references[] = { "&amp;",  "&lt;",  "&gt;",
		                                  "&quot;", "&#39;", "&#96;" };
	struct buffer shown = { 0 };
	display_html(&shown, t);
	check_harmless(&shown);
	for (size_t i = 0; i < shown.len; i++) {
		const struct text rest = text_skip(buffer_text(&shown), i);
		bool known = shown.at[i] != '&';
		assert(!memchr("<>\"'`", shown.at[i], 5));
		for (size_t k = 0; !known && k < ARRAY_LEN(references); k++)
			known = text_starts(rest, text_from(references[k]));
		assert(known);
	}
	buffer_free(&shown);
}

/* A cell ends at the only quote that stands alone, and no spreadsheet takes it for code. */
static void check_csv(struct text t)
{
	struct buffer shown = { 0 };
	display_csv(&shown, t);
	check_harmless(&shown);
	assert(shown.len >= 2 && shown.at[0] == '"' && shown.at[shown.len - 1] == '"');
	assert(!memchr("=+-@\t\r", shown.at[1], 6));
	for (size_t i = 1; i + 1 < shown.len; i++) {
		if (shown.at[i] == '"') {
			i++;
			assert(i + 1 < shown.len && shown.at[i] == '"');
		}
	}
	buffer_free(&shown);
}

static void check_log(struct text t)
{
	struct buffer shown = { 0 };
	display_log(&shown, t);
	assert(shown.len <= DISPLAY_LOG_MAX);
	size_t octets = 0;
	for (size_t i = 0; i < shown.len; octets++) {
		char octet = shown.at[i];
		assert(octet >= ' ' && octet <= '~');
		if (octet == '\\') {
			const char hex[] = { shown.at[i + 2], shown.at[i + 3], '\0' };
			octet = (char)strtoul(hex, NULL, 16);
			i += 3;
		}
		i++;
		assert(octets < t.len && octet == t.at[octets]);
	}
	buffer_free(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct text t = { (const char *)data, len };
	check_text(t);
	check_json(t);
	check_html(t);
	check_csv(t);
	check_log(t);
	return 0;
}
