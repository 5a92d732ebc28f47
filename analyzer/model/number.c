#include "analyzer/model/number.h"

#include <string.h>

#include "analyzer/model/country.h"

enum {
	WITHOUT_PREFIX = 11, /* digits, where national numbers have a prefix: no
	                        subscriber's number is that long without one */
	NORTH_AMERICAN = 10, /* digits of a national number of +1 */
};

const char *const number_format_names[NUMBER_FORMAT_COUNT] = {
	[NUMBER_FORMAT_ANY] = "any",
	[NUMBER_FORMAT_E164] = "e164",
	[NUMBER_FORMAT_INTERNATIONAL] = "international",
	[NUMBER_FORMAT_NATIONAL] = "national",
};

void number_plan_default(struct number_plan *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->emergency[0], "112", 4);
	memcpy(out->emergency[1], "911", 4);
	out->emergency_count = 2;
}

/* --- what stands there ---------------------------------------------------------------- */

static bool hex_digit(char c, unsigned int *value)
{
	const char low = ascii_lower(c);
	if (ascii_is_digit(c))
		*value = (unsigned int)(c - '0');
	else if (low >= 'a' && low <= 'f')
		*value = (unsigned int)(low - 'a') + 10;
	else
		return false;
	return true;
}

/* The next character of a user part, its escape undone (RFC 3261 19.1.2). */
static char cut_char(struct text *rest)
{
	unsigned int high, low;
	char c = rest->at[0];
	size_t used = 1;
	if (c == '%' && rest->len > 2 && hex_digit(rest->at[1], &high) &&
	    hex_digit(rest->at[2], &low)) {
		c = (char)(high << 4 | low);
		used = 3;
	}
	*rest = text_skip(*rest, used);
	return c;
}

static bool is_for_the_eye(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')' || c == ' ';
}

/*
 * Digits, * and # and a plus before them, without separators.  "+44 (0)20" has a digit that
 * is not dialled after the country code.  False: no number, or too long.
 */
static bool dialled(struct text user, char to[NUMBER_DIGITS])
{
	size_t n = 0;
	struct text rest = text_head(user, text_find(user, ';'));
	while (rest.len > 0) {
		if (ascii_is_digit(rest.at[0]) && n < NUMBER_DIGITS - 1) {
			to[n++] = rest.at[0]; /* nearly all are */
			rest = (struct text){ rest.at + 1, rest.len - 1 };
			continue;
		}
		if (n > 0 && to[0] == '+' && text_starts(rest, TEXT("(0)")))
			rest = text_skip(rest, 3);
		if (rest.len == 0)
			break;
		const char c = cut_char(&rest);
		if (is_for_the_eye(c))
			continue;
		if (!ascii_is_digit(c) && c != '*' && c != '#' && !(c == '+' && n == 0))
			return false;
		if (n == NUMBER_DIGITS - 1)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	return n > (size_t)(to[0] == '+');
}

/* Where a local number is dialled (RFC 3966 5.1.5); empty = not said. */
static struct text phone_context(struct text user)
{
	text_cut(&user, ';');
	while (user.len > 0) {
		struct text value = text_cut(&user, ';');
		const struct text name = text_cut(&value, '=');
		if (text_equal_nocase(name, TEXT("phone-context")))
			return value;
	}
	return (struct text){ user.at, 0 };
}

/* --- what it is ----------------------------------------------------------------------- */

/* What is dialled where the number is, as far as it is known; texts may be empty. */
struct dialling {
	struct text country, national, international;
	bool national_bare; /* national numbers have nothing before them */
};

static bool begins(struct text digits, struct text prefix)
{
	return prefix.len > 0 && text_starts(digits, prefix);
}

static bool is_north_american(struct text digits)
{
	return digits.len == NORTH_AMERICAN && digits.at[0] >= '2';
}

static struct dialling dialling_of(const struct number_plan *plan,
                                   enum number_format format, struct text digits)
{
	struct dialling out = { { "", 0 }, { "", 0 }, { "", 0 }, false };
	if (plan) {
		out.country = text_from(plan->country_code);
		out.national = text_from(plan->national_prefix);
		out.international = text_from(plan->international_prefix);
	}
	out.national_bare =
	        (format == NUMBER_FORMAT_NATIONAL && out.national.len == 0) ||
	        (text_equal(out.country, TEXT("1")) && is_north_american(digits));
	return out;
}

/*
 * A context that begins like a number does not say that it may be put before the number
 * (RFC 3966 5.1.5 has "911" in "+1").  It does where it is a country code alone and the
 * number looks national: not short, without a trunk prefix, of ten digits in +1.
 */
static void use_context(struct dialling *dialling, struct text context, struct text digits)
{
	char code[NUMBER_DIGITS];
	if (!dialled(context, code) || code[0] != '+')
		return; /* a domain: home's rules are as good as any */
	const struct text whole = text_skip(text_from(code), 1);
	const struct country *country = country_of(whole);
	const bool alone = country && country->calling == whole.len;
	if (!alone || !text_equal(whole, dialling->country))
		*dialling = (struct dialling){ .international = dialling->international };
	if (!alone || digits.at[0] == '0' || begins(digits, dialling->national))
		return;
	dialling->country = text_head(text_from(country->code), country->calling);
	dialling->national_bare =
	        !text_equal(whole, TEXT("1")) || is_north_american(digits);
}

/* Makes it the global number of these digits, if there are such. */
static bool complete(struct number *number, struct text country, struct text rest)
{
	char digits[NUMBER_DIGITS] = "+";
	const size_t len = country.len + rest.len;
	if (rest.len == 0 || len < NUMBER_LEAST || len > NUMBER_MOST)
		return false;
	memcpy(digits + 1, country.at, country.len);
	memcpy(digits + 1 + country.len, rest.at, rest.len);
	if (!country_of((struct text){ digits + 1, len }))
		return false;
	memcpy(number->digits, digits, sizeof digits);
	number->kind = NUMBER_GLOBAL;
	return true;
}

/* 0044...; or 44... where numbers are to be written so. */
static bool read_international(struct number *number, const struct dialling *dialling,
                               enum number_format format, struct text digits)
{
	const struct text none = { "", 0 };
	if (begins(digits, dialling->international) &&
	    complete(number, none, text_skip(digits, dialling->international.len)))
		return true;
	return format == NUMBER_FORMAT_INTERNATIONAL && complete(number, none, digits);
}

/* 020...; no national number begins with what is dialled before it. */
static bool read_national(struct number *number, const struct dialling *dialling,
                          struct text digits)
{
	if (dialling->national_bare)
		return dialling->country.len == 0 ||
		       complete(number, dialling->country, digits);
	if (!begins(digits, dialling->national))
		return false;
	const struct text rest = text_skip(digits, dialling->national.len);
	if (begins(rest, dialling->national))
		return false;
	if (dialling->country.len > 0)
		return complete(number, dialling->country, rest);
	return true; /* of a country nobody named */
}

/*
 * 44... without anything before it: where that cannot be a number of here.  Without a
 * prefix of national numbers one of these may begin with the country's own code.
 */
static bool read_bare(struct number *number, const struct dialling *dialling,
                      struct text digits)
{
	const struct text none = { "", 0 };
	const bool prefixed = dialling->national.len > 0;
	const size_t least =
	        prefixed ? dialling->country.len + NUMBER_LEAST : WITHOUT_PREFIX;
	if (begins(digits, dialling->country) && digits.len >= least)
		return complete(number, none, digits);
	return prefixed && digits.len >= WITHOUT_PREFIX && complete(number, none, digits);
}

static bool is_emergency(const struct number_plan *plan, struct text digits)
{
	if (!plan || digits.len == 0)
		return false;
	for (size_t i = 0; i < plan->emergency_count; i++)
		if (plan->emergency[i][0] == digits.at[0] &&
		    text_equal(digits, text_from(plan->emergency[i])))
			return true;
	return false;
}

/* Of digits without a plus. */
static void read_dialled(const struct number_plan *plan, enum number_format format,
                         struct text context, struct number *number)
{
	char copy[NUMBER_DIGITS];
	memcpy(copy, number->digits, sizeof copy);
	const struct text digits = text_from(copy);
	struct dialling dialling = dialling_of(plan, format, digits);
	if (context.len > 0)
		use_context(&dialling, context, digits);
	number->kind = NUMBER_LOCAL;
	if (read_international(number, &dialling, format, digits))
		number->written = NUMBER_FORMAT_INTERNATIONAL;
	else if (read_national(number, &dialling, digits))
		number->written = NUMBER_FORMAT_NATIONAL;
	else if (read_bare(number, &dialling, digits))
		number->written = NUMBER_FORMAT_INTERNATIONAL;
}

void number_read(const struct number_plan *plan, enum number_format format,
                 struct text user, struct number *out)
{
	memset(out, 0, sizeof *out);
	if (!dialled(user, out->digits)) {
		memset(out->digits, 0, sizeof out->digits);
		return;
	}
	const bool plus = out->digits[0] == '+';
	const struct text digits = text_skip(text_from(out->digits), plus);
	const bool service =
	        text_find(digits, '*') < digits.len || text_find(digits, '#') < digits.len;
	out->emergency = is_emergency(plan, digits);
	if (out->emergency || service || (!plus && digits.len < NUMBER_LEAST)) {
		out->kind = NUMBER_SHORT;
	} else if (!plus) {
		read_dialled(plan, format, phone_context(user), out);
	} else {
		out->kind = NUMBER_LOCAL;
		if (complete(out, (struct text){ "", 0 }, digits))
			out->written = NUMBER_FORMAT_E164;
	}
}

bool number_violates(const struct number_plan *plan, enum number_format format,
                     const struct number *number)
{
	if (format == NUMBER_FORMAT_ANY || number->kind == NUMBER_NONE ||
	    number->kind == NUMBER_SHORT || number->written == format)
		return false;
	if (format != NUMBER_FORMAT_NATIONAL ||
	    number->written != NUMBER_FORMAT_INTERNATIONAL)
		return true;
	const struct text digits = text_skip(text_from(number->digits), 1);
	return plan && begins(digits, text_from(plan->country_code));
}

/* --- the same one? -------------------------------------------------------------------- */

/* Is b the end of a, but for `rest` digits of a? */
static bool is_end(struct text a, struct text b, size_t *rest)
{
	if (b.len < NUMBER_LEAST || a.len < b.len)
		return false;
	*rest = a.len - b.len;
	return text_equal(text_skip(a, *rest), b);
}

static struct text without_zeros(struct text digits, size_t *zeros)
{
	for (*zeros = 0; digits.len > 0 && digits.at[0] == '0'; ++*zeros)
		digits = text_skip(digits, 1);
	return digits;
}

/* `local` may have a trunk prefix (one 0), an exit code (00) or nothing before it. */
static bool match_local(struct text global, struct text local)
{
	size_t rest, zeros;
	if (is_end(global, local, &rest))
		return true;
	const struct text digits = without_zeros(local, &zeros);
	if (zeros == 0 || !is_end(global, digits, &rest))
		return false;
	const struct country *country = country_of(global);
	return zeros == 1 ? country && rest == country->calling : rest == 0;
}

static bool match_locals(struct text a, struct text b)
{
	size_t rest, zeros;
	const struct text left = without_zeros(a, &zeros);
	const struct text right = without_zeros(b, &zeros);
	return left.len > right.len ? is_end(left, right, &rest)
	                            : is_end(right, left, &rest);
}

/* Without the plus that also an incomplete one may have. */
static struct text digits_of(const struct number *number)
{
	return text_skip(text_from(number->digits), number->digits[0] == '+');
}

bool number_match(const struct number *a, const struct number *b)
{
	const struct text left = digits_of(a);
	const struct text right = digits_of(b);
	if (a->kind == NUMBER_NONE || b->kind == NUMBER_NONE)
		return false;
	if (a->kind == b->kind && a->kind != NUMBER_LOCAL)
		return text_equal(left, right);
	if (a->kind == NUMBER_SHORT || b->kind == NUMBER_SHORT)
		return false;
	if (a->kind == b->kind)
		return match_locals(left, right);
	return a->kind == NUMBER_GLOBAL ? match_local(left, right)
	                                : match_local(right, left);
}

/* --- where it leads ------------------------------------------------------------------- */

/* Digits of the longest premium prefix that it begins with; 0 = none. */
static size_t premium_digits(const struct number_plan *plan, struct text digits)
{
	size_t best = 0;
	for (size_t i = 0; plan && i < plan->premium_count; i++) {
		const struct text prefix = text_from(plan->premium[i]);
		if (prefix.len > best && text_starts(digits, prefix))
			best = prefix.len;
	}
	return best;
}

static const struct country *country_of_number(const struct number *number)
{
	return number->kind == NUMBER_GLOBAL ? country_of(digits_of(number)) : NULL;
}

/* Name of the country or service; NULL where the number is not global. */
static const char *number_country(const struct number *number)
{
	const struct country *country = country_of_number(number);
	return country ? country->name : NULL;
}

bool number_is_premium(const struct number_plan *plan, const struct number *number)
{
	const struct country *country = country_of_number(number);
	return country && (text_equal(text_from(country->code), TEXT("979")) ||
	                   premium_digits(plan, digits_of(number)) > 0);
}

const char *number_label(const struct number_plan *plan, const struct number *number)
{
	if (number->emergency)
		return "emergency";
	if (number->kind != NUMBER_GLOBAL)
		return NULL;
	const struct text digits = digits_of(number);
	size_t best = premium_digits(plan, digits);
	const char *label = best ? "premium" : number_country(number);
	for (size_t i = 0; plan && i < plan->prefix_count; i++) {
		const struct text prefix = text_from(plan->prefixes[i].digits);
		if (prefix.len >= best && text_starts(digits, prefix)) {
			best = prefix.len;
			label = plan->prefixes[i].label;
		}
	}
	return label;
}
