/* watch_asks.c - attacks that show in single requests and their answers: scans and guesses.
 */
#include <string.h>

#include "analyzer/model/trunk.h"
#include "analyzer/track/watch_attacks.h"

/*
 * What tools that look for open PBXs call themselves, where nobody has changed it:
 * SIPVicious (its source, https://github.com/EnableSecurity/sipvicious, and forks of it),
 * SIPp-like callers seen by honeypots (sipcli, VaxSIPUserAgent, pplsip), and scanners of
 * the Kali collection.  Lower case; the name has to begin so.
 */
static const struct text scanners[] = {
	{ "friendly-scanner", 16 },
	{ "friendly-request", 16 },
	{ "sipvicious", 10 },
	{ "sundayddr", 9 },
	{ "sipcli", 6 },
	{ "sip-scan", 8 },
	{ "sipscan", 7 },
	{ "vaxsipuseragent", 15 },
	{ "vaxipuseragent", 14 },
	{ "pplsip", 6 },
	{ "iwar", 4 },
	{ "siparmyknife", 12 },
	{ "nmap", 4 },
	{ "mr.sip", 6 },
	{ "svmap", 5 },
	{ "svwar", 5 },
	{ "svcrack", 7 },
};

enum status attacks_init(struct attacks *a, struct context *context)
{
	a->context = context;
	const enum status status = watchlist_init(&a->list, context);
	return status == OK ? accounts_init(&a->accounts, context) : status;
}

void attacks_free(struct attacks *a)
{
	watchlist_free(&a->list);
	accounts_free(&a->accounts);
}

uint64_t attacks_key_of_address(const struct attacks *a, const struct address *address)
{
	return hash_bytes(&a->context->settings.key, address, sizeof *address);
}

uint64_t attacks_key_of_text(const struct attacks *a, struct text text)
{
	return hash_text(&a->context->settings.key, text);
}

/* --- what became of a request -------------------------------------------------------- */

static bool is_one_of(unsigned int status, const uint16_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == status)
			return true;
	return false;
}

/* The user is not known, or not served without a password. */
static bool is_turned_away(unsigned int status)
{
	static const uint16_t list[] = { 401, 403, 404, 407, 410, 484, 604 };
	return is_one_of(status, list, ARRAY_LEN(list));
}

/* Somebody was there: the phone rang, is busy, or declines. */
static bool has_reached(const struct ask *ask)
{
	static const uint16_t people[] = { 480, 486, 487, 600, 603 };
	return ask->rang || (ask->status >= 200 && ask->status < 400) ||
	       (ask->method == SIP_INVITE &&
	        is_one_of(ask->status, people, ARRAY_LEN(people)));
}

/*
 * A password that was not accepted.  Of a nonce that is too old a registrar says the same
 * (RFC 2617 3.3), which is met by the next try.
 */
static bool is_guess(const struct ask *ask)
{
	if (!ask->credentials)
		return false;
	if (sip_is_challenge(ask->status))
		return !ask->gone_on || ask->passwords > 0;
	return ask->status == 403 || (ask->method == SIP_REGISTER && ask->status == 404);
}

/* Nobody can tell yet what will come of it: a challenge that was met. */
static bool is_open(const struct ask *ask)
{
	return ask->outcome == ASK_UNKNOWN || ask->outcome == ASK_OPEN ||
	       (sip_is_challenge(ask->status) && ask->gone_on);
}

/* --- the rules ----------------------------------------------------------------------- */

static uint64_t number_in(struct text user)
{
	uint64_t number;
	if (user.len && user.at[0] == '+')
		user = text_skip(user, 1);
	return text_number(user, UINT64_MAX / 10, &number) == OK ? number : 0;
}

static struct text user_of(const struct ask *ask)
{
	return text_from(ask->called);
}

/* Whose password it is. */
static struct text account_of(const struct ask *ask)
{
	return text_from(ask->method == SIP_REGISTER ? ask->called : ask->caller);
}

static struct sign sign_of(enum watch_rule rule, uint64_t key, const struct ask *ask)
{
	return (struct sign){ .rule = rule,
		              .key = key,
		              .thing = ask->thing,
		              .at = ask->at,
		              .src = ask->from,
		              .dst = ask->to,
		              .software = text_from(ask->software) };
}

static void note_guess(struct attacks *a, const struct ask *ask, uint64_t source)
{
	const struct text account = account_of(ask);
	const uint64_t account_hash = attacks_key_of_text(a, account);
	const uint64_t at_server =
	        account_hash ^ attacks_key_of_address(a, &ask->to.address);
	if (!is_guess(ask)) {
		if (!ask->credentials || is_open(ask) || ask->status < 200)
			return;
		watchlist_note_other(&a->list, RULE_GUESS, source);
		watchlist_note_other(&a->list, RULE_GUESS_ACCOUNT, at_server);
		return;
	}
	struct sign sign = sign_of(RULE_GUESS, source, ask);
	sign.other = account_hash;
	sign.subject = account;
	watchlist_note(&a->list, &sign);
	sign.rule = RULE_GUESS_ACCOUNT;
	sign.key = at_server;
	sign.other = source;
	watchlist_note(&a->list, &sign);
}

static void note_user(struct attacks *a, const struct ask *ask, uint64_t source)
{
	if (has_reached(ask)) {
		watchlist_note_other(&a->list, RULE_USERS, source);
		return;
	}
	if (ask->credentials || !is_turned_away(ask->status) || ask->called[0] == '\0')
		return;
	/* Who guesses passwords tries users besides: one attack. */
	const bool guesses = watchlist_is_raised(&a->list, RULE_GUESS, source);
	struct sign sign = sign_of(guesses ? RULE_GUESS : RULE_USERS, source, ask);
	sign.subject = user_of(ask);
	sign.other = attacks_key_of_text(a, sign.subject);
	sign.number = number_in(sign.subject);
	watchlist_note(&a->list, &sign);
}

static void note_address(struct attacks *a, const struct ask *ask, uint64_t source,
                         bool known)
{
	if (ask->outcome != ASK_SILENT) {
		/* Who is turned away at an address that he has found, is at it still. */
		if (ask->method != SIP_OPTIONS && !has_reached(ask))
			return;
		watchlist_note_other(&a->list, RULE_ADDRESSES, source);
		watchlist_note_good(&a->list, RULE_ANSWERS, source, ask->at);
		return;
	}
	if (known)
		return; /* it is out of order, and has been there */
	struct sign sign = sign_of(RULE_ADDRESSES, source, ask);
	sign.other = attacks_key_of_address(a, &ask->to.address);
	watchlist_note(&a->list, &sign);
}

/* What has another name already is no flood besides. */
static void note_flood(struct attacks *a, const struct ask *ask, uint64_t source)
{
	const enum watch_rule rule =
	        ask->method == SIP_INVITE ? RULE_INVITES : RULE_REGISTERS;
	if (has_reached(ask)) {
		watchlist_note_other(&a->list, rule, source);
		return;
	}
	if (ask->credentials || watchlist_is_raised(&a->list, RULE_USERS, source) ||
	    watchlist_is_raised(&a->list, RULE_ADDRESSES, source))
		return;
	struct sign sign = sign_of(rule, source, ask);
	sign.other = attacks_key_of_address(a, &ask->to.address);
	watchlist_note(&a->list, &sign);
}

void attacks_note_outcome(struct attacks *a, const struct ask *ask, bool known)
{
	const uint64_t source = attacks_key_of_address(a, &ask->from.address);
	if (ask->method != SIP_OPTIONS)
		note_guess(a, ask, source);
	if (is_open(ask))
		return;
	if (ask->method != SIP_OPTIONS && has_reached(ask))
		watchlist_note_good(&a->list, RULE_SUCCESSES, source, ask->at);
	note_address(a, ask, source, known);
	if (ask->method == SIP_OPTIONS)
		return;
	note_user(a, ask, source);
	note_flood(a, ask, source);
}

/* --- at once ------------------------------------------------------------------------- */

static bool is_scanner(struct text software)
{
	for (size_t i = 0; i < ARRAY_LEN(scanners); i++)
		if (text_starts_nocase(software, scanners[i]))
			return true;
	return false;
}

enum { SECURE = 1 << TRANSPORT_TLS | 1 << TRANSPORT_WSS };

/* Nothing but TLS is allowed on it. */
static bool wants_tls(const struct trunk *trunk)
{
	return trunk && trunk->transports && !(trunk->transports & ~(uint32_t)SECURE);
}

static void note_plain(struct attacks *a, const struct ask *ask)
{
	const struct trunks *trunks = a->context->settings.trunks;
	if (!trunks || (SECURE >> ask->transport & 1))
		return;
	const struct trunk *to = trunk_find(trunks, &ask->to.address, ask->to.port);
	const struct trunk *from = trunk_find(trunks, &ask->from.address, ask->from.port);
	const struct trunk *trunk = wants_tls(to) ? to : from;
	if (!wants_tls(trunk))
		return;
	const struct text name = text_from(trunk->name);
	struct sign sign = sign_of(RULE_PLAIN_SIP, attacks_key_of_text(a, name), ask);
	sign.subject = name;
	watchlist_note(&a->list, &sign);
}

void attacks_note_request(struct attacks *a, const struct ask *ask)
{
	const uint64_t source = attacks_key_of_address(a, &ask->from.address);
	watchlist_note_other(&a->list, RULE_MALFORMED, source);
	note_plain(a, ask);
	if (!is_scanner(text_from(ask->software)))
		return;
	struct sign sign = sign_of(RULE_SCANNER, source, ask);
	sign.other = attacks_key_of_address(a, &ask->to.address);
	sign.subject = text_from(ask->software);
	watchlist_note(&a->list, &sign);
}

void attacks_note_malformed(struct attacks *a, const struct packet *packet)
{
	const struct sign sign = {
		.rule = RULE_MALFORMED,
		.key = attacks_key_of_address(a, &packet->src.address),
		.other = attacks_key_of_address(a, &packet->dst.address),
		.at = packet->at,
		.src = packet->src,
		.dst = packet->dst,
	};
	watchlist_note(&a->list, &sign);
}
