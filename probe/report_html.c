#include "probe/report_html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/new_file.h"
#include "probe/print_text.h"
#include "probe/report_html_kept.h"
#include "probe/report_html_parts.h"
#include "probe/version.h"
#include "schema/field_text.h"
#include "web/display.h"

enum { SOURCES_MAX = 20, WRITE_AT = 256 << 10, OPEN_FIRST = 3 };

/* Of all calls and streams, also of those that are not kept. */
struct tally {
	uint64_t calls, scored, fair, one_way, failed, behind;
	uint64_t faults[FAULT_COUNT]; /* of the bad ones */
	uint64_t streams, expected, lost;
	struct loss_shares losses;
	double worst_r, worst_mos;
	enum band worst_band;
};

struct html_report {
	struct kept_calls kept;
	struct tally tally;
	struct buffer sources; /* list items */
	size_t source_count;
	struct buffer account; /* as print_text has it */
	struct buffer encrypted;
	uint64_t encrypted_count, registrations;
};

enum status html_report_new(struct html_report **out)
{
	struct html_report *report = calloc(1, sizeof *report);
	if (!report)
		return ERR_NOMEM;
	report->tally.worst_r = report->tally.worst_mos = NAN;
	if (kept_init(&report->kept, REPORT_BYTES, 2 * REPORT_ROWS) != OK) {
		html_report_free(report);
		return ERR_NOMEM;
	}
	*out = report;
	return OK;
}

void html_report_free(struct html_report *report)
{
	if (!report)
		return;
	kept_free(&report->kept);
	buffer_free(&report->sources);
	buffer_free(&report->account);
	buffer_free(&report->encrypted);
	free(report);
}

void html_report_source(struct html_report *report, const char *name)
{
	if (report->source_count++ >= SOURCES_MAX)
		return;
	buffer_add_string(&report->sources, report->source_count > 1 ? ", " : "");
	display_html(&report->sources, text_from(name));
}

/* --- counting ------------------------------------------------------------------------- */

static void tally_stream(struct tally *tally, const struct stream_record *s)
{
	const double others = fmax(0, (double)s->lost - s->suspect_lost);
	tally->streams++;
	tally->expected += s->expected;
	tally->lost += s->lost;
	tally->behind += lost_behind_pct(s) >= 1;
	tally->losses.capture += s->suspect_lost;
	if (s->loss_verdict == LOSS_NETWORK)
		tally->losses.network += others;
	else
		tally->losses.unknown += others;
}

static void tally_call(struct tally *tally, const struct kept_call *call)
{
	tally->calls += !call->is_stream;
	tally->scored += isfinite(call->r) != 0;
	tally->fair += call->r >= REPORT_R_BAD && call->r < REPORT_R_FAIR;
	tally->one_way += call->one_way;
	tally->failed += call->state == LEG_FAILED || call->state == LEG_NO_RESPONSE;
	tally->faults[call->r < REPORT_R_BAD ? call->fault : FAULT_NONE]++;
	if (isfinite(call->r) && !(tally->worst_r <= call->r)) {
		tally->worst_r = call->r;
		tally->worst_mos = call->mos_lq;
		tally->worst_band = call->band;
	}
}

static void add_encrypted(struct html_report *report, const struct record *record)
{
	enum { SHOWN = 20 };
	if (report->encrypted_count++ >= SHOWN)
		return;
	text_add_encrypted(&report->encrypted, record);
	buffer_add_char(&report->encrypted, '\n');
}

void html_report_record(struct html_report *report, const struct record *record)
{
	if (record->kind == RECORD_REGISTRATION)
		report->registrations++;
	else if (record->kind == RECORD_ENCRYPTED)
		add_encrypted(report, record);
	else if (record->kind == RECORD_STREAM)
		tally_stream(&report->tally, &record->stream);
	const struct kept_call *call = kept_add(&report->kept, record);
	if (call && (record->kind == RECORD_CALL ||
	             (record->kind == RECORD_STREAM && call->is_stream)))
		tally_call(&report->tally, call);
}

void html_report_summary(struct html_report *report, const struct summary *summary)
{
	text_add_summary(&report->account, summary);
	report->tally.losses = summary->losses;
}

/* --- the headline --------------------------------------------------------------------- */

static uint64_t bad_calls(const struct tally *tally)
{
	uint64_t bad = 0;
	for (unsigned int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		bad += tally->faults[i];
	return bad;
}

static void add_headline(struct buffer *to, const struct tally *tally)
{
	const uint64_t bad = bad_calls(tally);
	buffer_add_string(to, "<h1>");
	if (tally->one_way) {
		html_things(to, tally->one_way, "call");
		buffer_add_string(to, " had audio in one direction only");
		if (bad) {
			buffer_add_string(to, ", and voice was bad in ");
			html_count(to, bad);
		}
		buffer_add_char(to, '.');
	} else if (!tally->scored) {
		buffer_add_string(to, "No voice was scored here.");
	} else if (bad && bad == tally->faults[FAULT_CAPTURE]) {
		html_things(to, bad, "call");
		buffer_add_string(to,
		                  " cannot be judged: the capture itself lost packets.");
	} else if (bad) {
		buffer_format(to, "Voice was bad in %llu of %llu scored calls.",
		              (unsigned long long)bad, (unsigned long long)tally->scored);
	} else {
		buffer_add_string(to, tally->fair ? "Voice was acceptable here."
		                                  : "Voice was fine here.");
	}
	buffer_add_string(to, "</h1>\n");
}

/* Whose fault the bad calls are, the most frequent first. */
static void add_faults(struct buffer *to, const struct tally *tally)
{
	static const char *const words[FAULT_COUNT] = {
		[FAULT_NETWORK] =
		        "packets lost in the network, before they came to the probe",
		[FAULT_UNKNOWN] =
		        "packets lack; nothing tells if the network or the capture lost them",
		[FAULT_CAPTURE] =
		        "the capture lost packets: no fault of the network is shown",
		[FAULT_LATE] = "packets came too late to be played",
		[FAULT_CODEC] = "the codec allows no more, even without loss",
	};
	uint64_t left[FAULT_COUNT];
	memcpy(left, tally->faults, sizeof left);
	left[FAULT_NONE] = 0;
	buffer_add_string(to, "<ul>\n");
	for (;;) {
		unsigned int most = FAULT_NONE;
		for (unsigned int i = 0; i < FAULT_COUNT; i++)
			most = left[i] > left[most] ? i : most;
		if (most == FAULT_NONE)
			break;
		buffer_add_string(to, "<li><strong>");
		html_things(to, left[most], "call");
		buffer_format(to, "</strong>: %s.</li>\n", words[most]);
		left[most] = 0;
	}
	if (tally->fair) {
		buffer_add_string(to, "<li><strong>");
		html_things(to, tally->fair, "call");
		buffer_add_string(to,
		                  "</strong> only fair: some users would complain.</li>\n");
	}
	if (tally->behind) {
		buffer_add_string(to, "<li><strong>");
		html_things(to, tally->behind, "stream");
		buffer_add_string(to, "</strong> lost 1 % or more behind the probe, as the "
		                      "receivers report.</li>\n");
	}
	if (tally->failed) {
		buffer_add_string(to, "<li><strong>");
		html_things(to, tally->failed, "call");
		buffer_add_string(to, "</strong> refused, failed or without a "
		                      "response: signalling, not voice.</li>\n");
	}
	buffer_add_string(to, "</ul>\n");
}

static void add_tile(struct buffer *to, const char *name, double value, int decimals)
{
	buffer_format(to, "<div><dt>%s</dt><dd>", name);
	html_real(to, value, decimals);
	buffer_add_string(to, "</dd></div>\n");
}

static void add_tiles(struct buffer *to, const struct tally *tally)
{
	buffer_add_string(to, "<dl class=\"figures head\">\n");
	add_tile(to, "calls", (double)tally->calls, 0);
	add_tile(to, "streams", (double)tally->streams, 0);
	add_tile(to, "bad voice", (double)bad_calls(tally), 0);
	add_tile(to, "one-way audio", (double)tally->one_way, 0);
	buffer_add_string(to, "<div><dt>lowest MOS-LQ</dt><dd>");
	html_mos(to, tally->worst_mos, tally->worst_band, tally->worst_r);
	buffer_add_string(to, "</dd></div>\n");
	add_tile(to, "packets due", (double)tally->expected, 0);
	add_tile(to, "lost: network", tally->losses.network, 0);
	add_tile(to, "lost: capture", tally->losses.capture, 0);
	add_tile(to, "lost: unknown", tally->losses.unknown, 0);
	buffer_add_string(to, "</dl>\n");
}

static void add_head(struct buffer *to, const struct html_report *report)
{
	report_begin(to, "Earshot: voice quality");
	buffer_add_string(to, "<header>\n");
	add_headline(to, &report->tally);
	buffer_add_string(to, "<p class=\"dim source\">From ");
	buffer_add(to, buffer_text(&report->sources));
	if (report->source_count > SOURCES_MAX)
		buffer_format(to, " and %zu more", report->source_count - SOURCES_MAX);
	buffer_add_string(to, ". Voice is bad below R 70 on the axis that all bands share "
	                      "(many users dissatisfied, G.107 Annex B), in the adaptive "
	                      "buffer, at the probe.</p>\n");
	add_faults(to, &report->tally);
	add_tiles(to, &report->tally);
	buffer_add_string(to, "</header>\n<main>\n");
}

/* --- the table ------------------------------------------------------------------------ */

static void add_who(struct buffer *to, const struct kept_call *call, bool linked)
{
	char id[ID_TEXT_SIZE];
	if (linked)
		buffer_format(to, "<a href=\"#c%s\">", id_format(call->id, id));
	if (!call->has_leg) {
		html_route(to, &call->src, &call->dst);
	} else {
		html_text(to, call->from);
		buffer_add_string(to, " \u2192 ");
		html_text(to, call->to);
	}
	if (linked)
		buffer_add_string(to, "</a>");
}

static void add_table_row(struct buffer *to, const struct kept_call *call, bool linked)
{
	const struct record state = { .kind = RECORD_CALL,
		                      .call = { .state = call->state } };
	const char *word = report_word(&state, "state");
	buffer_add_string(to, "<tr><td>");
	html_mos(to, call->mos_lq, call->band, call->r);
	buffer_add_string(to, "</td><td class=\"who\">");
	add_who(to, call, linked);
	buffer_add_string(to, "</td><td>");
	report_add_outcome(to, call);
	buffer_add_string(to, "</td><td class=\"opt n\">");
	html_real(to,
	          call->expected ? 100 * (double)call->lost / (double)call->expected : NAN,
	          2);
	buffer_format(to, "</td><td class=\"opt\">%s</td><td class=\"opt\">",
	              call->codec == CODEC_UNKNOWN ? "\u2013" : codec_name(call->codec));
	html_text(to, call->is_stream ? "no call" : word ? word : "");
	buffer_add_string(to, "</td><td class=\"opt\">");
	html_time(to, call->start);
	buffer_add_string(to, "</td><td class=\"opt n\">");
	html_duration(to, call->duration_s);
	buffer_add_string(to, "</td></tr>\n");
}

/* Has it something to be shown in full? */
static bool has_details(const struct kept_call *call, size_t rank)
{
	return rank < REPORT_DETAILS && call->records && !call->dropped;
}

static void add_table(struct buffer *to, struct html_report *report,
                      struct kept_call *const *calls, size_t count)
{
	const size_t shown = count < REPORT_ROWS ? count : REPORT_ROWS;
	const uint64_t left_out = report->kept.rows_left_out + (count - shown);
	buffer_add_string(
	        to,
	        "<h2 id=\"calls\">Calls, the worst first</h2>\n"
	        "<div class=\"scroll\" tabindex=\"0\"><table class=\"calls\"><thead><tr>"
	        "<th scope=\"col\">MOS-LQ</th><th scope=\"col\">from \u2192 to</th>"
	        "<th scope=\"col\">what is wrong</th>"
	        "<th scope=\"col\" class=\"opt n\">lost, %</th>"
	        "<th scope=\"col\" class=\"opt\">codec</th>"
	        "<th scope=\"col\" class=\"opt\">state</th>"
	        "<th scope=\"col\" class=\"opt\">start, UTC</th>"
	        "<th scope=\"col\" class=\"opt n\">duration</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < shown; i++)
		add_table_row(to, calls[i], has_details(calls[i], i));
	buffer_add_string(to,
	                  "</tbody></table></div>\n<p class=\"dim\">The MOS is that of a "
	                  "call's worst stream; media without signalling has rows of its "
	                  "own.");
	if (left_out) {
		buffer_add_string(to, " <strong>");
		html_things(to, left_out, "better call");
		buffer_add_string(
		        to, " had no room in this table</strong>, but they count above.");
	}
	buffer_add_string(to, "</p>\n");
}

/* --- the rest ------------------------------------------------------------------------- */

static void add_details_note(struct buffer *to, struct kept_call *const *calls,
                             size_t count)
{
	size_t shown = 0;
	for (size_t i = 0; i < count; i++)
		shown += has_details(calls[i], i);
	buffer_add_string(to, "<h2>Call by call</h2>\n");
	if (shown == count)
		return;
	buffer_format(
	        to,
	        "<p class=\"dim\">Of %zu calls %zu, the worst, are shown in full. For "
	        "another one keep the results with --db and ask <code>earshot call"
	        "</code>.</p>\n",
	        count, shown);
}

static void add_account(struct buffer *to, const struct html_report *report)
{
	buffer_add_string(to, "</main>\n<footer>\n");
	if (report->account.len > 0) {
		buffer_add_string(
		        to,
		        "<h2>What was seen, and what was not</h2>\n<p class=\"dim\">Every "
		        "frame counts once: parsed, not ours, malformed or dropped.</p>\n");
		html_pre(to, buffer_text(&report->account));
	}
	if (report->encrypted_count) {
		buffer_add_string(to, "<p>Signalling that could not be read:</p>\n");
		html_pre(to, buffer_text(&report->encrypted));
	}
	buffer_format(to,
	              "<p class=\"dim\">earshot %s. MOS is an estimate by the E-model "
	              "(ITU-T G.107, G.107.1, G.107.2) from packets alone; nobody "
	              "listened.</p>\n</footer>\n</body>\n</html>\n",
	              EARSHOT_VERSION);
}

/* Call by call, so that the page never stands in memory as a whole. */
static bool write_page(struct html_report *report, FILE *out)
{
	size_t count;
	struct buffer page = { 0 };
	struct kept_call **calls = kept_sorted(&report->kept, &count);
	add_head(&page, report);
	add_table(&page, report, calls, count);
	add_details_note(&page, calls, count);
	bool done = buffer_write(&page, out) && calls;
	for (size_t i = 0; done && i < count && i < REPORT_DETAILS; i++) {
		if (has_details(calls[i], i))
			report_add_call(&page, calls[i], i < OPEN_FIRST);
		if (page.len >= WRITE_AT || page.failed)
			done = buffer_write(&page, out);
	}
	add_account(&page, report);
	page.failed |= report->sources.failed || report->account.failed ||
	               report->encrypted.failed;
	done = done && buffer_write(&page, out);
	buffer_free(&page);
	free(calls);
	return done;
}

bool html_report_write(struct html_report *report, const char *path,
                       char error[REPORT_ERROR_SIZE])
{
	struct new_file file;
	bool written = false;
	errno = 0;
	if (new_file_open(&file, path)) {
		written = write_page(report, file.out) && !report->kept.failed;
		const int reason = written ? 0 : errno ? errno : ENOMEM;
		const bool placed = new_file_close(&file, written);
		if (written && placed)
			return true;
		if (!written)
			errno = reason;
	}
	snprintf(error, REPORT_ERROR_SIZE, "%.400s: %s", path, strerror(errno));
	return false;
}
