#include "probe/http_date.h"

#include <time.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
enum { MONTHS = 12, LETTERS = 3, YEAR_OF_TIME = 1900, TWO_DIGITS = 100, TURNS = 70 };

static bool read_month(struct text word, int *month)
{
	for (int i = 0; i < MONTHS; i++) {
		const struct text name = { &months[(size_t)i * LETTERS], LETTERS };
		if (text_equal(word, name)) {
			*month = i;
			return true;
		}
	}
	return false;
}

static bool read_number(struct text word, uint64_t most, int *out)
{
	uint64_t number;
	if (text_number(word, most, &number) != OK)
		return false;
	*out = (int)number;
	return true;
}

/* "08:49:37"; a second may be a leap one. */
static bool read_clock(struct text word, struct tm *tm)
{
	const struct text hour = text_cut(&word, ':');
	const struct text minute = text_cut(&word, ':');
	return read_number(hour, 23, &tm->tm_hour) &&
	       read_number(minute, 59, &tm->tm_min) && read_number(word, 60, &tm->tm_sec);
}

/* Years of two digits are of those nearest to now: 70 and more are of the last century. */
static bool read_year(struct text word, struct tm *tm)
{
	int year;
	if (!read_number(word, 9999, &year) || (word.len != 2 && word.len != 4))
		return false;
	if (word.len == 2)
		year += year < TURNS ? YEAR_OF_TIME + TWO_DIGITS : YEAR_OF_TIME;
	tm->tm_year = year - YEAR_OF_TIME;
	return year >= YEAR_OF_TIME + TURNS;
}

/* "06 Nov 1994 08:49:37 GMT", "06-Nov-94 08:49:37 GMT" */
static bool read_usual(struct text rest, struct tm *tm)
{
	rest = text_trim(rest);
	const char between = text_find(rest, '-') < rest.len ? '-' : ' ';
	const struct text day = text_cut(&rest, between);
	const struct text month = text_cut(&rest, between);
	const struct text year = text_cut(&rest, ' ');
	const struct text clock = text_cut_word(&rest);
	return read_number(day, 31, &tm->tm_mday) && tm->tm_mday > 0 &&
	       read_month(month, &tm->tm_mon) && read_year(year, tm) &&
	       read_clock(clock, tm) && text_equal(text_trim(rest), TEXT("GMT"));
}

/* "Nov  6 08:49:37 1994" */
static bool read_asctime(struct text rest, struct tm *tm)
{
	const struct text month = text_cut_word(&rest);
	const struct text day = text_cut_word(&rest);
	const struct text clock = text_cut_word(&rest);
	return read_month(month, &tm->tm_mon) && read_number(day, 31, &tm->tm_mday) &&
	       tm->tm_mday > 0 && read_clock(clock, tm) && read_year(text_trim(rest), tm);
}

enum status http_date_read(struct text value, nstime *out)
{
	struct tm tm = { .tm_isdst = 0 };
	struct text rest = value;
	const bool is_old = text_find(value, ',') == value.len;
	(void)text_cut(&rest, is_old ? ' ' : ',');
	if (!(is_old ? read_asctime(rest, &tm) : read_usual(rest, &tm)))
		return ERR_MALFORMED;
	const int64_t most = INT64_MAX / NS_PER_SEC; /* in the year 2262 */
	const int64_t seconds = timegm(&tm);
	*out = (seconds < most ? seconds : most) * NS_PER_SEC;
	return OK;
}
