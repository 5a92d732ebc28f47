/*
 * mask_counts.c - counts of SIP messages, by method and status, within the account of a run
 * or of a probe that runs.
 *
 * It looks for quotation marks and braces, and for nothing that escapes them: methods are
 * tokens (RFC 3261 section 25.1), of anything else no message is made that is counted.
 */
#include "web/mask.h"

#include "web/display.h"

/*
 * What a message is counted as, "INVITE" or "200 (INVITE)": of a method that nobody knows
 * who sent it chose the word.
 */
static void add_counted(struct mask *mask, struct text name, struct buffer *to)
{
	struct buffer masked = { 0 };
	const size_t open = text_find(name, '(');
	struct text method = open < name.len ? text_skip(name, open + 1) : name;
	if (open < name.len)
		method = text_head(method, text_find(method, ')'));
	if (open < name.len)
		buffer_add(&masked, text_head(name, open + 1));
	if (text_equal(method, TEXT("other")) || text_equal(method, TEXT("None")))
		buffer_add(&masked, method);
	else
		mask_add_summary(mask, method, &masked);
	if (open < name.len)
		buffer_add_char(&masked, ')');
	display_json(to, buffer_text(&masked));
	to->failed |= masked.failed;
	buffer_free(&masked);
}

/* The object of such counts, which has no other within it; `rest` is behind its brace. */
static void add_counts(struct mask *mask, struct text *rest, struct buffer *to)
{
	while (rest->len > 0 && rest->at[0] != '}') {
		const struct text before = text_cut(rest, '"');
		buffer_add(to, before);
		add_counted(mask, text_cut(rest, '"'), to);
		const size_t end = text_find(text_head(*rest, text_find(*rest, '}')), ',');
		buffer_add(to, text_head(*rest, end));
		*rest = text_skip(*rest, end);
	}
}

void mask_add_counts(struct mask *mask, struct text json, struct buffer *to)
{
	const struct text sip = TEXT("\"sip\":{");
	const size_t at = text_find_text(json, sip);
	if (at < json.len) {
		buffer_add(to, text_head(json, at + sip.len));
		json = text_skip(json, at + sip.len);
		add_counts(mask, &json, to);
	}
	buffer_add(to, json);
}
