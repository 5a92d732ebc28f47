#include "analyzer/track/leg_session.h"

#include "analyzer/wire/sip_value.h"

#define MARGIN_MOST (32 * NS_PER_SEC)
#define TRANSACTION_TIMEOUT (32 * NS_PER_SEC) /* 64 * T1, RFC 3261 17.1 */
/* Clocks of devices tick in seconds, and messages take their time. */
#define EARLY (1 * NS_PER_SEC)
#define LATE (5 * NS_PER_SEC)

/* Session-Expires = delta-seconds *( ";" se-params ); false when it is none. */
static bool read_expires(const struct sip_message *message, uint32_t *seconds,
                         struct text *refresher)
{
	struct text value;
	uint64_t number;
	if (!sip_has_header(message, SIP_SESSION_EXPIRES) ||
	    !sip_find_header(message, TEXT("Session-Expires"), &value))
		return false;
	const struct text digits = text_trim(text_cut(&value, ';'));
	if (text_number(digits, UINT32_MAX, &number) != OK || number == 0)
		return false;
	*seconds = (uint32_t)number;
	*refresher = sip_param(value, TEXT("refresher"));
	return true;
}

/* A 2xx is said by the transaction's UAS. */
static enum party party_of(struct text refresher, bool from_caller)
{
	if (text_equal_nocase(refresher, TEXT("uas")))
		return from_caller ? PARTY_CALLER : PARTY_CALLEE;
	if (text_equal_nocase(refresher, TEXT("uac")))
		return from_caller ? PARTY_CALLEE : PARTY_CALLER;
	return PARTY_NONE;
}

static void note_success(struct leg_session *session, const struct sip_message *message,
                         bool from_caller, nstime at)
{
	struct text refresher;
	uint32_t seconds;
	session->asked = 0;
	/* Section 7.2: a 2xx without it leaves the session without a timer. */
	session->runs = read_expires(message, &seconds, &refresher);
	if (!session->runs)
		return;
	if (session->expires_s > 0 && session->refreshes < UINT16_MAX)
		session->refreshes++;
	session->expires_s = seconds;
	session->refresher = (uint8_t)party_of(refresher, from_caller);
	session->refreshed = at;
}

void leg_session_note(struct leg_session *session, const struct sip_message *message,
                      bool from_caller, nstime at)
{
	const bool refreshes =
	        message->method == SIP_INVITE || message->method == SIP_UPDATE;
	if (!refreshes || (!message->is_request && message->status < 200))
		return;
	if (message->is_request) {
		if (session->runs && sip_has_header(message, SIP_SESSION_EXPIRES)) {
			session->asked = at;
			session->asked_by_caller = from_caller;
		}
		return;
	}
	if (message->status < 300)
		note_success(session, message, from_caller, at);
	else if (message->status != 408 && message->status != 481)
		session->asked = 0; /* refused for now: the session goes on */
}

bool leg_session_explains(const struct leg_session *session, bool by_caller, nstime bye)
{
	if (!session->runs)
		return false;
	if (session->asked)
		return session->asked_by_caller == by_caller &&
		       bye - session->asked < TRANSACTION_TIMEOUT + LATE;
	const nstime interval = (nstime)session->expires_s * NS_PER_SEC;
	const nstime margin = interval / 3 < MARGIN_MOST ? interval / 3 : MARGIN_MOST;
	const nstime since = bye - session->refreshed;
	return since >= interval - margin - EARLY && since <= interval + LATE;
}

void leg_session_record(const struct leg_session *session, struct leg_record *out)
{
	out->session_expires_s = session->expires_s;
	out->session_refresher = (enum party)session->refresher;
	out->session_refreshes = session->refreshes;
}
