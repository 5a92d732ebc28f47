#include "analyzer/wire/vq_report.h"

#include <assert.h>
#include <math.h>

enum {
	NONE_LEVEL = 127, /* what says "unavailable": RFC 3611 sections 4.7.4 and 4.7.5 */
	NONE_MS = 65535,
	NONE_AT_ALL = -1, /* no value says it */
	MAX_MS = 3600000, /* section 4.6.2: burst and gap may last an hour */
	MAX_DIGITS = 15,  /* a double holds them all */
};

/* RFC 6035 section 4.6.1; the ranges are its, where XR's are not wider. */
#define METRIC(field) offsetof(struct vq_metrics, field)
/* clang-format off */
static const struct number_param {
	const char *name;
	size_t offset; /* of a double */
	double min, max, unavailable;
} number_params[] = {
	{ "PT",    METRIC(payload_type),            0,    127, NONE_AT_ALL },
	{ "SR",    METRIC(sample_rate_hz),          1, 768000, NONE_AT_ALL },
	{ "FD",    METRIC(frame_ms),                0, MAX_MS, NONE_MS     },
	{ "FO",    METRIC(frame_octets),            0,  65535, NONE_AT_ALL },
	{ "FPP",   METRIC(frames_per_packet),       0,  65535, NONE_AT_ALL },
	{ "PPS",   METRIC(packets_per_s),           0,  65535, NONE_AT_ALL },
	{ "PLC",   METRIC(concealment),             0,      3, NONE_AT_ALL },
	{ "JBA",   METRIC(buffer_adaptive),         0,      3, NONE_AT_ALL },
	{ "JBR",   METRIC(buffer_rate),             0,     15, NONE_AT_ALL },
	{ "JBN",   METRIC(buffer_nominal_ms),       0, MAX_MS, NONE_MS     },
	{ "JBM",   METRIC(buffer_max_ms),           0, MAX_MS, NONE_MS     },
	{ "JBX",   METRIC(buffer_abs_max_ms),       0, MAX_MS, NONE_MS     },
	{ "NLR",   METRIC(loss_pct),                0,    100, NONE_AT_ALL },
	{ "JDR",   METRIC(discard_pct),             0,    100, NONE_AT_ALL },
	{ "BLD",   METRIC(burst_density_pct),       0,    100, NONE_AT_ALL },
	{ "BD",    METRIC(burst_ms),                0, MAX_MS, NONE_MS     },
	{ "GLD",   METRIC(gap_density_pct),         0,    100, NONE_AT_ALL },
	{ "GD",    METRIC(gap_ms),                  0, MAX_MS, NONE_MS     },
	{ "GMIN",  METRIC(gmin),                    1,    255, NONE_AT_ALL },
	{ "RTD",   METRIC(round_trip_ms),           0, MAX_MS, NONE_MS     },
	{ "ESD",   METRIC(end_system_ms),           0, MAX_MS, NONE_MS     },
	{ "OWD",   METRIC(one_way_ms),              0, MAX_MS, NONE_MS     },
	{ "SOWD",  METRIC(symmetric_one_way_ms),    0, MAX_MS, NONE_MS     },
	{ "IAJ",   METRIC(jitter_ms),               0, MAX_MS, NONE_MS     },
	{ "MAJ",   METRIC(mean_abs_jitter_ms),      0, MAX_MS, NONE_MS     },
	{ "SL",    METRIC(signal_dbm0),          -128,    126, NONE_LEVEL  },
	{ "NL",    METRIC(noise_dbm0),           -128,    126, NONE_LEVEL  },
	{ "RERL",  METRIC(echo_return_loss_db),     0,    255, NONE_LEVEL  },
	{ "RLQ",   METRIC(r_lq),                    0,    120, NONE_LEVEL  },
	{ "RCQ",   METRIC(r_cq),                    0,    120, NONE_LEVEL  },
	{ "EXTRI", METRIC(external_r_in),           0,    120, NONE_LEVEL  },
	{ "EXTRO", METRIC(external_r_out),          0,    120, NONE_LEVEL  },
	{ "MOSLQ", METRIC(mos_lq),                  1,      5, NONE_AT_ALL },
	{ "MOSCQ", METRIC(mos_cq),                  1,      5, NONE_AT_ALL },
};

struct row {
	const char *name;
	size_t offset;
};

static const struct row text_params[] = {
	{ "PD",   METRIC(codec)               },
	{ "FMTP", METRIC(fmtp)                },
	{ "SSUP", METRIC(silence_suppression) },
};

static const struct row time_params[] = {
	{ "START", METRIC(start) },
	{ "STOP",  METRIC(stop)  },
};

/* Of an alert, on its report line or on the next one. */
static const struct row alert_params[] = {
	{ "Type",     offsetof(struct vq_report, alert_type)      },
	{ "Severity", offsetof(struct vq_report, alert_severity)  },
	{ "Dir",      offsetof(struct vq_report, alert_direction) },
};

/* Lines whose whole value is one text. */
static const struct row text_lines[] = {
	{ "CallID",   offsetof(struct vq_report, call_id)   },
	{ "DialogID", offsetof(struct vq_report, dialog_id) },
	{ "LocalID",  offsetof(struct vq_report, local.id)  },
	{ "RemoteID", offsetof(struct vq_report, remote.id) },
	{ "OrigID",   offsetof(struct vq_report, orig_id)   },
	{ "FromID",   offsetof(struct vq_report, from_id)   },
	{ "ToID",     offsetof(struct vq_report, to_id)     },
};

static const struct {
	const char *name;
	enum vq_kind kind;
} kind_lines[] = {
	{ "VQSessionReport",  VQ_SESSION  },
	{ "VQIntervalReport", VQ_INTERVAL },
	{ "VQAlertReport",    VQ_ALERT    },
};
/* clang-format on */

static bool is_named(struct text name, const char *row)
{
	return text_equal_nocase(name, text_from(row));
}

static void *at_offset(void *base, size_t offset)
{
	return (char *)base + offset;
}

/* What the table says of `name`, inside the struct at `base`; NULL if it is not there. */
static void *find_field(const struct row *rows, size_t count, struct text name, void *base)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(name, rows[i].name))
			return at_offset(base, rows[i].offset);
	return NULL;
}

#define FIND(table, name, base) find_field(table, ARRAY_LEN(table), name, base)

/* --- lines and their parameters -------------------------------------------------- */

static bool is_blank(char c)
{
	return ascii_is_space(c) || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static bool is_name(char c)
{
	return is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* The next characters that are, or are not, of a kind. */
static struct text cut_while(struct text *rest, bool (*is)(char), bool wanted)
{
	size_t n = 0;
	while (n < rest->len && is(rest->at[n]) == wanted)
		n++;
	const struct text head = text_head(*rest, n);
	*rest = text_skip(*rest, n);
	return head;
}

/* One line with the lines that continue it, which begin with a blank (RFC 3261 7.3.1). */
static struct text cut_folded_line(struct text *rest)
{
	const struct text all = *rest;
	size_t len = text_cut_line(rest).len;
	while (rest->len > 0 && ascii_is_space(rest->at[0])) {
		const struct text more = text_cut_line(rest);
		len = (size_t)(more.at - all.at) + more.len;
	}
	return text_head(all, len);
}

struct param {
	struct text name, value;
};

static bool is_number(char c)
{
	return ascii_is_digit(c) || c == '.';
}

/* Length of a number that the next name sticks to, "JBM=20JBX=240" (snom); else 0. */
static size_t glued_number_len(struct text rest)
{
	const struct text number = cut_while(&rest, is_number, true);
	const struct text name = cut_while(&rest, is_name, true);
	const bool glued =
	        name.len > 0 && is_letter(name.at[0]) && rest.len > 0 && rest.at[0] == '=';
	return glued ? number.len : 0;
}

/* Behind the '='.  "IP= PORT=5060": what a blank parts from it is no value but a name. */
static struct text cut_value(struct text *rest)
{
	const bool parted = cut_while(rest, is_blank, true).len > 0;
	if (rest->len > 0 && rest->at[0] == '"') {
		*rest = text_skip(*rest, 1);
		return text_cut(rest, '"');
	}
	const size_t glued = glued_number_len(*rest);
	struct text behind = *rest;
	if (glued > 0) {
		*rest = text_skip(behind, glued);
		return text_head(behind, glued);
	}
	const struct text word = cut_while(&behind, is_blank, false);
	if (parted && text_find(word, '=') < word.len)
		return (struct text){ 0 };
	*rest = behind;
	return word;
}

/* The next NAME=value; words without a '=' are skipped.  False at the end. */
static bool next_param(struct text *rest, struct param *out)
{
	while (rest->len > 0) {
		cut_while(rest, is_name, false);
		out->name = cut_while(rest, is_name, true);
		cut_while(rest, is_blank, true);
		if (out->name.len == 0 || rest->len == 0 || rest->at[0] != '=')
			continue;
		*rest = text_skip(*rest, 1);
		out->value = cut_value(rest);
		return true;
	}
	return false;
}

/* --- values ---------------------------------------------------------------------- */

/* "-21", "5.0", "2.5%"; NAN for anything else. */
static double decimal_of(struct text t)
{
	double value = 0, scale = 1;
	size_t digits = 0;
	bool point = false;
	const bool negative = t.len > 0 && t.at[0] == '-';
	if (text_ends_nocase(t, TEXT("%")))
		t.len--;
	for (size_t n = negative; n < t.len; n++) {
		if (t.at[n] == '.' && !point) {
			point = true;
			continue;
		}
		if (!ascii_is_digit(t.at[n]) || ++digits > MAX_DIGITS)
			return NAN;
		value = value * 10 + (t.at[n] - '0');
		scale *= point ? 10 : 1;
	}
	if (digits == 0)
		return NAN;
	return (negative ? -value : value) / scale;
}

static bool cut_digits(struct text *rest, size_t n, uint64_t max, int64_t *out)
{
	uint64_t value = 0;
	const bool good =
	        rest->len >= n && text_number(text_head(*rest, n), max, &value) == OK;
	*rest = text_skip(*rest, n);
	*out = (int64_t)value;
	return good;
}

static bool cut_char(struct text *rest, char c)
{
	if (rest->len == 0 || ascii_lower(rest->at[0]) != c)
		return false;
	*rest = text_skip(*rest, 1);
	return true;
}

/* Days from 1970-01-01, in the Gregorian calendar; the year begins in March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	const int64_t y = month > 2 ? year : year - 1;
	const int64_t months = (month + 9) % 12;
	const int64_t leap_days = y / 4 - y / 100 + y / 400;
	return y * 365 + leap_days + (months * 153 + 2) / 5 + day - 1 - 719468;
}

static bool cut_fraction(struct text *rest, nstime *out)
{
	nstime unit = NS_PER_SEC / 10;
	*out = 0;
	if (!cut_char(rest, '.'))
		return true;
	const struct text digits = cut_while(rest, ascii_is_digit, true);
	for (size_t n = 0; n < digits.len; n++, unit /= 10)
		*out += (digits.at[n] - '0') * unit;
	return digits.len > 0;
}

/* "z", "+01:00" or "-05:30", in seconds east of Greenwich. */
static bool cut_zone(struct text *rest, int64_t *out)
{
	int64_t hours, minutes;
	*out = 0;
	if (cut_char(rest, 'z'))
		return true;
	const bool west = cut_char(rest, '-');
	if ((!west && !cut_char(rest, '+')) || !cut_digits(rest, 2, 23, &hours) ||
	    !cut_char(rest, ':') || !cut_digits(rest, 2, 59, &minutes))
		return false;
	*out = (hours * 60 + minutes) * (west ? -60 : 60);
	return true;
}

/* RFC 3339 section 5.6; NSTIME_NONE for anything else, and for times nstime cannot hold. */
static nstime time_of(struct text t)
{
	int64_t year, month, day, hour, minute, second, zone_s;
	nstime fraction;
	if (!cut_digits(&t, 4, 2261, &year) || !cut_char(&t, '-') ||
	    !cut_digits(&t, 2, 12, &month) || !cut_char(&t, '-') ||
	    !cut_digits(&t, 2, 31, &day) || !cut_char(&t, 't') ||
	    !cut_digits(&t, 2, 23, &hour) || !cut_char(&t, ':') ||
	    !cut_digits(&t, 2, 59, &minute) || !cut_char(&t, ':') ||
	    !cut_digits(&t, 2, 60, &second))
		return NSTIME_NONE;
	if (!cut_fraction(&t, &fraction) || !cut_zone(&t, &zone_s) || t.len > 0 ||
	    year < 1970 || month == 0 || day == 0)
		return NSTIME_NONE;
	const int64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute;
	return (minutes * 60 + second - zone_s) * NS_PER_SEC + fraction;
}

static void set_port(struct vq_side *side, struct text value)
{
	uint64_t port;
	if (text_number(value, UINT16_MAX, &port) == OK)
		side->endpoint.port = (uint16_t)port;
}

/* "192.0.2.1", "192.0.2.1:5004", "[2001:db8::1]:5004". */
static void set_address(struct vq_side *side, struct text value)
{
	struct address *address = &side->endpoint.address;
	size_t behind = value.len; /* the last colon */
	if (address_parse(value, address) == OK)
		return;
	while (behind > 0 && value.at[behind - 1] != ':')
		behind--;
	if (behind > 0 && address_parse(text_head(value, behind - 1), address) == OK)
		set_port(side, text_skip(value, behind));
}

/* 0x is the rule.  Without it digits alone are decimal (Polycom), else hexadecimal (RFC).
 */
static void set_ssrc(struct vq_side *side, struct text value)
{
	uint64_t number;
	uint32_t ssrc;
	if (text_number(value, UINT32_MAX, &number) == OK)
		ssrc = (uint32_t)number;
	else if (text_hex32(value, &ssrc) != OK)
		return;
	side->has_ssrc = true;
	side->ssrc = ssrc;
}

/* --- the report ------------------------------------------------------------------ */

struct parser {
	struct vq_report *report;
	struct vq_side *side; /* whose metrics the lines are about */
	bool has_kind;
};

static void read_address(struct vq_side *side, struct text value)
{
	struct param param;
	if (text_find(value, '=') == value.len) { /* "192.0.2.1 5004" */
		set_address(side, cut_while(&value, is_blank, false));
		set_port(side, text_trim(value));
		return;
	}
	while (next_param(&value, &param)) {
		if (is_named(param.name, "IP"))
			set_address(side, param.value);
		else if (is_named(param.name, "PORT"))
			set_port(side, param.value);
		else if (is_named(param.name, "SSRC"))
			set_ssrc(side, param.value);
	}
}

static bool set_number(struct vq_metrics *metrics, const struct param *param)
{
	for (size_t i = 0; i < ARRAY_LEN(number_params); i++) {
		const struct number_param *row = &number_params[i];
		if (!is_named(param->name, row->name))
			continue;
		const double value = decimal_of(param->value);
		const bool usable =
		        value >= row->min && value <= row->max && value != row->unavailable;
		*(double *)at_offset(metrics, row->offset) = usable ? value : NAN;
		return true;
	}
	return false;
}

static bool set_text(struct text *to, struct text value)
{
	if (to)
		*to = value;
	return to != NULL;
}

/* A parameter's name alone says what it is: headings differ, and some leave them out. */
static void read_params(struct parser *p, struct text value)
{
	struct vq_metrics *metrics = &p->side->metrics;
	struct param param;
	while (next_param(&value, &param)) {
		nstime *time = FIND(time_params, param.name, metrics);
		if (time)
			*time = time_of(param.value);
		if (time || set_number(metrics, &param) ||
		    set_text(FIND(text_params, param.name, metrics), param.value))
			p->side->has_metrics = true;
		else
			set_text(FIND(alert_params, param.name, p->report), param.value);
	}
}

static bool read_kind(struct parser *p, struct text name, struct text value)
{
	for (size_t i = 0; i < ARRAY_LEN(kind_lines); i++) {
		if (!is_named(name, kind_lines[i].name))
			continue;
		if (!p->has_kind) { /* one report to a body */
			p->report->kind = kind_lines[i].kind;
			p->report->call_ended = is_named(value, "CallTerm");
			read_params(p, value);
		}
		p->has_kind = true;
		return true;
	}
	return false;
}

static void read_named_line(struct parser *p, struct text name, struct text value)
{
	if (read_kind(p, name, value) || set_text(FIND(text_lines, name, p->report), value))
		return;
	if (is_named(name, "LocalAddr"))
		read_address(&p->report->local, value);
	else if (is_named(name, "RemoteAddr"))
		read_address(&p->report->remote, value);
	else if (is_named(name, "LocalMetrics") || is_named(name, "Metrics"))
		p->side = &p->report->local;
	else if (is_named(name, "RemoteMetrics"))
		p->side = &p->report->remote;
	else if (!text_starts_nocase(name, TEXT("x-")))
		read_params(p, value);
}

/* "Name: value", "Name:value", "Name : value", "Name value", "Name", or NAME=value only. */
static void read_line(struct parser *p, struct text line)
{
	struct text rest = text_trim(line);
	const struct text all = rest;
	const struct text name = cut_while(&rest, is_name, true);
	const bool parted = cut_while(&rest, is_blank, true).len > 0;
	if (rest.len > 0 && rest.at[0] == '=')
		read_params(p, all);
	else if (rest.len > 0 && rest.at[0] == ':')
		read_named_line(p, name, text_trim(text_skip(rest, 1)));
	else if (rest.len == 0 || parted)
		read_named_line(p, name, rest);
}

static void forget_metrics(struct vq_metrics *metrics)
{
	*metrics = (struct vq_metrics){ .start = NSTIME_NONE, .stop = NSTIME_NONE };
	for (size_t i = 0; i < ARRAY_LEN(number_params); i++)
		*(double *)at_offset(metrics, number_params[i].offset) = NAN;
}

enum status vq_report_parse(struct text body, struct vq_report *out)
{
	struct parser parser = { .report = out, .side = &out->local };
	if (body.len > VQ_REPORT_MAX_BYTES)
		return ERR_TOO_LONG;
	*out = (struct vq_report){ 0 };
	forget_metrics(&out->local.metrics);
	forget_metrics(&out->remote.metrics);
	while (body.len > 0)
		read_line(&parser, cut_folded_line(&body));
	return parser.has_kind ? OK : ERR_NOT_FOUND;
}
