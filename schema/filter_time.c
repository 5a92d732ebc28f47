#include "schema/filter_time.h"

enum {
	SECONDS_A_MINUTE = 60,
	SECONDS_AN_HOUR = 3600,
	SECONDS_A_DAY = 86400,
	FIRST_YEAR = 1970,
	LAST_YEAR = 2199,
	FRACTION_DIGITS = 9,
};

static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{ 's', 1 },
	{ 'm', SECONDS_A_MINUTE },
	{ 'h', SECONDS_AN_HOUR },
	{ 'd', SECONDS_A_DAY },
	{ 'w', INT64_C(7) * SECONDS_A_DAY },
};

static const int64_t longest_s = INT64_C(100) * 366 * SECONDS_A_DAY;

static int64_t unit_seconds(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].letter == letter)
			return units[i].seconds;
	}
	return 0;
}

static struct text cut_digits(struct text *rest)
{
	size_t len = 0;
	while (len < rest->len && ascii_is_digit(rest->at[len]))
		len++;
	const struct text digits = text_head(*rest, len);
	*rest = text_skip(*rest, len);
	return digits;
}

enum status filter_time_relative(struct text t, nstime *out)
{
	int64_t sum = 0;
	if (text_equal_nocase(t, TEXT("now"))) {
		*out = 0;
		return OK;
	}
	if (t.len < 3 || (t.at[0] != '-' && t.at[0] != '+'))
		return ERR_MALFORMED;
	for (struct text rest = text_skip(t, 1); rest.len > 0; rest = text_skip(rest, 1)) {
		uint64_t number = 0;
		if (text_number(cut_digits(&rest), (uint64_t)longest_s, &number) != OK ||
		    rest.len == 0 || unit_seconds(rest.at[0]) == 0)
			return ERR_MALFORMED;
		if ((int64_t)number > longest_s / unit_seconds(rest.at[0]))
			return ERR_TOO_LONG;
		sum += (int64_t)number * unit_seconds(rest.at[0]);
		if (sum > longest_s)
			return ERR_TOO_LONG;
	}
	*out = (t.at[0] == '-' ? -sum : sum) * NS_PER_SEC;
	return OK;
}

/* A number of that many digits, low to high; false when something else comes. */
static bool cut_number(struct text *rest, size_t digits, unsigned int low,
                       unsigned int high, unsigned int *out)
{
	uint64_t number = 0;
	const struct text t = text_head(*rest, digits);
	*rest = text_skip(*rest, digits);
	*out = 0;
	if (t.len != digits || text_number(t, high, &number) != OK || number < low)
		return false;
	*out = (unsigned int)number;
	return true;
}

static bool cut_char(struct text *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = text_skip(*rest, 1);
	return true;
}

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int days_in(unsigned int year, unsigned int month)
{
	static const unsigned int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01. */
static int64_t day_number(unsigned int year, unsigned int month, unsigned int day)
{
	int64_t days = day - 1;
	for (unsigned int y = FIRST_YEAR; y < year; y++)
		days += 365 + is_leap(y);
	for (unsigned int m = 1; m < month; m++)
		days += days_in(year, m);
	return days;
}

static bool cut_date(struct text *rest, int64_t *seconds)
{
	unsigned int year;
	unsigned int month;
	unsigned int day;
	if (!cut_number(rest, 4, FIRST_YEAR, LAST_YEAR, &year) || !cut_char(rest, '-') ||
	    !cut_number(rest, 2, 1, 12, &month) || !cut_char(rest, '-') ||
	    !cut_number(rest, 2, 1, days_in(year, month), &day))
		return false;
	*seconds = day_number(year, month, day) * SECONDS_A_DAY;
	return true;
}

/* What lies behind the ninth digit is less than a nanosecond. */
static bool cut_fraction(struct text *rest, nstime *out)
{
	const struct text digits = cut_digits(rest);
	nstime unit = NS_PER_SEC;
	for (size_t i = 0; i < digits.len && i < FRACTION_DIGITS; i++) {
		unit /= 10;
		*out += (digits.at[i] - '0') * unit;
	}
	return digits.len > 0;
}

static bool cut_clock(struct text *rest, int64_t *seconds, nstime *fraction)
{
	unsigned int hour;
	unsigned int minute;
	unsigned int second = 0;
	if (!cut_number(rest, 2, 0, 23, &hour) || !cut_char(rest, ':') ||
	    !cut_number(rest, 2, 0, 59, &minute))
		return false;
	if (cut_char(rest, ':')) {
		/* 60 is a leap second, of which nobody's clock here knows. */
		if (!cut_number(rest, 2, 0, 60, &second) ||
		    (cut_char(rest, '.') && !cut_fraction(rest, fraction)))
			return false;
	}
	*seconds += (int64_t)hour * SECONDS_AN_HOUR + (int64_t)minute * SECONDS_A_MINUTE +
	            second;
	return true;
}

static bool cut_zone(struct text *rest, int64_t *seconds)
{
	unsigned int hours;
	unsigned int minutes;
	if (rest->len == 0 || cut_char(rest, 'Z') || cut_char(rest, 'z'))
		return true;
	const bool east = rest->at[0] == '+';
	if (!cut_char(rest, east ? '+' : '-') || !cut_number(rest, 2, 0, 23, &hours) ||
	    !cut_char(rest, ':') || !cut_number(rest, 2, 0, 59, &minutes))
		return false;
	const int64_t offset =
	        (int64_t)hours * SECONDS_AN_HOUR + (int64_t)minutes * SECONDS_A_MINUTE;
	*seconds += east ? -offset : offset;
	return true;
}

enum status filter_time_absolute(struct text t, nstime *out)
{
	struct text rest = t;
	int64_t seconds = 0;
	nstime fraction = 0;
	if (!cut_date(&rest, &seconds))
		return ERR_MALFORMED;
	if (rest.len > 0 &&
	    ((!cut_char(&rest, 'T') && !cut_char(&rest, 't') && !cut_char(&rest, ' ')) ||
	     !cut_clock(&rest, &seconds, &fraction) || !cut_zone(&rest, &seconds)))
		return ERR_MALFORMED;
	if (rest.len > 0)
		return ERR_MALFORMED;
	*out = seconds * NS_PER_SEC + fraction;
	return OK;
}
