#include "analyzer/track/leg_numbers.h"

#include <assert.h>
#include <string.h>

#include "analyzer/wire/sip_uri.h"

static_assert((int)RECORD_NUMBER == (int)NUMBER_DIGITS, "a number fits into a record");
static_assert((int)RECORD_LABEL == (int)NUMBER_LABEL, "a label fits into a record");

/* What a URI's number is; kind NUMBER_NONE of names and of anything but SIP and TEL. */
static void uri_number(const struct number_plan *plan, enum number_format format,
                       struct text uri, struct number *out)
{
	struct sip_uri parts;
	memset(out, 0, sizeof *out);
	if (!sip_uri_read(uri, &parts))
		return;
	if (text_equal_nocase(parts.scheme, TEXT("sip")) ||
	    text_equal_nocase(parts.scheme, TEXT("sips")) ||
	    text_equal_nocase(parts.scheme, TEXT("tel")))
		number_read(plan, format, parts.telephone, out);
}

/*
 * The number by the rules of both ends, of which the first that makes it complete says what
 * it is; whether it breaks one of them.
 */
static bool read_both(const struct number_plan *plan,
                      const struct trunk *const ends[LEG_ENDS], const char *uri,
                      struct number *out)
{
	bool violates = false;
	uri_number(plan, NUMBER_FORMAT_ANY, text_from(uri), out);
	for (size_t end = 0; end < LEG_ENDS; end++) {
		struct number number;
		if (!ends[end] || ends[end]->number_format == NUMBER_FORMAT_ANY)
			continue;
		uri_number(plan, ends[end]->number_format, text_from(uri), &number);
		violates |= number_violates(plan, ends[end]->number_format, &number);
		if (out->kind != NUMBER_GLOBAL)
			*out = number;
	}
	return violates;
}

/* RFC 5031: urn:service:sos and urn:service:sos.police. */
static bool is_sos(struct text uri)
{
	const struct text sos = TEXT("urn:service:sos");
	return text_starts_nocase(uri, sos) &&
	       (uri.len == sos.len || uri.at[sos.len] == '.');
}

void leg_numbers(const struct settings *settings, const struct trunk *const ends[LEG_ENDS],
                 struct leg_record *leg)
{
	const struct number_plan *plan = settings->numbers;
	struct number from, to;
	const bool from_violates = read_both(plan, ends, leg->from, &from);
	const bool to_violates = read_both(plan, ends, leg->to, &to);
	to.emergency = to.emergency || is_sos(text_from(leg->to));
	const char *label = number_label(plan, &to);
	memcpy(leg->number_from, from.digits, sizeof leg->number_from);
	memcpy(leg->number_to, to.digits, sizeof leg->number_to);
	memset(leg->prefix_label, 0, sizeof leg->prefix_label);
	if (label)
		text_copy(leg->prefix_label, sizeof leg->prefix_label, text_from(label));
	leg->emergency = to.emergency;
	leg->number_violation = (enum number_violation)(
	        (from_violates ? NUMBER_VIOLATION_FROM : NUMBER_VIOLATION_NONE) |
	        (to_violates ? NUMBER_VIOLATION_TO : NUMBER_VIOLATION_NONE));
}
