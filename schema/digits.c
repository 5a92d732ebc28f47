#include "schema/digits.h"

#include "analyzer/model/country.h"

enum { BASE = 11, NATIONAL_MAX = DIGITS_MAX + 1 };

const struct digits_field digits_fields[DIGITS_FIELDS] = {
	{ "number_from", "digits_from" },
	{ "number_to", "digits_to" },
	{ "asserted", "digits_asserted" },
	{ "diverted_from", "digits_diverted" },
};

/* Without scheme, host and parameters. */
static struct text user_of(struct text t)
{
	static const char *const schemes[] = { "sip:", "sips:", "tel:" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		const struct text scheme = text_from(schemes[i]);
		if (text_equal_nocase(text_head(t, scheme.len), scheme)) {
			t = text_skip(t, scheme.len);
			break;
		}
	}
	t = text_head(t, text_find(t, '@'));
	return text_head(t, text_find(t, ';'));
}

static bool is_between_digits(char c)
{
	return c == '-' || c == '.' || c == ' ' || c == '(' || c == ')';
}

/* The digits of a number, the last of them first; how many there are, 0: it is none. */
static size_t read_backwards(struct text t, char to[DIGITS_MAX])
{
	size_t count = 0;
	if (t.len > 0 && t.at[0] == '+')
		t = text_skip(t, 1);
	for (size_t i = t.len; i-- > 0;) {
		const char c = t.at[i];
		if (is_between_digits(c))
			continue;
		if (!ascii_is_digit(c))
			return 0;
		if (count < DIGITS_MAX)
			to[count++] = c;
	}
	return count;
}

/* Of the first `count` digits; `unit`: of what may follow them. */
static int64_t key_of(const char *digits, size_t count, int64_t *unit)
{
	int64_t key = 0;
	*unit = 1;
	for (size_t i = 0; i < DIGITS_MAX; i++) {
		key = key * BASE + (i < count ? digits[i] - '0' + 1 : 0);
		if (i >= count)
			*unit *= BASE;
	}
	return key;
}

bool digits_key(struct text number, int64_t *out)
{
	char digits[DIGITS_MAX];
	int64_t unit;
	const size_t count = read_backwards(user_of(number), digits);
	if (count == 0)
		return false;
	*out = key_of(digits, count, &unit);
	return true;
}

bool digits_of_leg(const struct leg_record *leg, size_t which, int64_t *out)
{
	const char *const of[DIGITS_FIELDS] = { leg->number_from, leg->number_to,
		                                leg->asserted, leg->diverted_from };
	return of[which][0] && digits_key(text_from(of[which]), out);
}

/* The number as it is dialled at home: 0 in place of the country's code. */
static int64_t national_key(const char *backwards, size_t count)
{
	char forward[DIGITS_MAX];
	char national[NATIONAL_MAX];
	int64_t unit;
	for (size_t i = 0; i < count; i++)
		forward[i] = backwards[count - 1 - i];
	const struct country *country = country_of((struct text){ forward, count });
	if (!country || country->calling >= count)
		return 0;
	const size_t rest = count - country->calling;
	for (size_t i = 0; i < rest; i++)
		national[i] = backwards[i];
	national[rest] = '0';
	return key_of(national, rest + 1, &unit);
}

enum status digits_wanted(struct text t, struct digits_wanted *out)
{
	char digits[DIGITS_MAX] = { 0 };
	int64_t unit;
	t = text_trim(t);
	size_t count = read_backwards(user_of(t), digits);
	if (count == 0)
		return ERR_MALFORMED;
	size_t zeros = 0;
	while (zeros < 2 && zeros + 1 < count && digits[count - 1 - zeros] == '0')
		zeros++;
	count -= zeros;
	out->first = key_of(digits, count, &unit);
	out->last = out->first + unit - 1;
	const bool whole = zeros == 2 || user_of(t).at[0] == '+';
	out->national = whole ? national_key(digits, count) : 0;
	return OK;
}

bool digits_are_many(const struct digits_wanted *wanted)
{
	const int64_t unit =
	        INT64_C(4177248169415651); /* 11^15: of what may follow three */
	return wanted->last - wanted->first < unit;
}

bool digits_match(const struct digits_wanted *wanted, int64_t key)
{
	return (key >= wanted->first && key <= wanted->last) ||
	       (wanted->national && key == wanted->national);
}
