/* print_finding.c - a finding as two lines for people. */
#include "probe/print_text.h"
#include "web/display.h"

void text_add_finding(struct buffer *to, const struct record *record, bool colour)
{
	const struct finding_record *f = &record->finding;
	const char *code = finding_code_names[f->code];
	const char *points_to = finding_party_names[f->points_to];
	char peer[ENDPOINT_TEXT_SIZE];
	static const struct endpoint unknown;
	buffer_format(to, "finding: %s", text_style(STYLE_WARN, colour && f->rank == 1));
	display_text(to, text_from(f->sentence));
	buffer_format(to, "%s\n      %s, %.0f %%",
	              text_style(STYLE_PLAIN, colour && f->rank == 1),
	              code ? code : "\u2013", 100 * f->confidence);
	if (points_to)
		buffer_format(to, ", points to %s", points_to);
	if (!endpoint_equal(&f->peer, &unknown))
		buffer_format(to, " %s", endpoint_format(&f->peer, peer));
	if (f->evidence[0]) {
		buffer_add_string(to, ": ");
		display_text(to, text_from(f->evidence));
	}
}
