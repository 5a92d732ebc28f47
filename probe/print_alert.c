#include "probe/print_alert.h"

#include "probe/print_text.h"
#include "web/display.h"

enum { STATE_WIDTH = 10, SEVERITY_WIDTH = 10, RULE_WIDTH = 22 };

static enum text_style style_of(const struct alert_record *alert)
{
	if (alert->muted || alert->state != ALERT_FIRING)
		return STYLE_FAINT;
	return alert->severity >= SEVERITY_MAJOR ? STYLE_BAD : STYLE_WARN;
}

static void add_word(struct buffer *to, const char *word, size_t width)
{
	const size_t from = to->len;
	buffer_add_string(to, word ? word : "");
	text_pad(to, from, width);
}

void text_add_alert(struct buffer *to, const struct record *record, bool colour)
{
	const struct alert_record *alert = &record->alert;
	display_time(to, alert->at, 0);
	buffer_add_string(to, "  ");
	buffer_add_string(to, text_style(style_of(alert), colour));
	add_word(to, alert_state_names[alert->state], STATE_WIDTH);
	add_word(to, alert_severity_names[alert->severity], SEVERITY_WIDTH);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
	add_word(to, alert->rule, RULE_WIDTH);
	text_add_wire(to, alert->summary);
	if (alert->unverified)
		buffer_add_string(to, "  unverified");
	if (alert->muted) {
		buffer_add_string(to, "  muted by ");
		text_add_wire(to, alert->muted_by);
	}
	if (alert->finding && alert->state == ALERT_FIRING) {
		buffer_add_string(to, "  ");
		text_add_wire(to, alert->finding_sentence);
	}
}
