/*
 * leg_stir.c - what an INVITE's PASSporT says against the rest of the message (RFC 8224
 * section 6.2, without the signature).
 */
#include "analyzer/model/number.h"
#include "analyzer/track/leg_identity.h"
#include "analyzer/wire/passport.h"
#include "analyzer/wire/sip_uri.h"
#include "analyzer/wire/sip_value.h"

static_assert((int)ATTEST_A == (int)STIR_ATTEST_A && (int)ATTEST_C == (int)STIR_ATTEST_C,
              "the record has the attestation as it is read");

enum { FRESH_S = 60 }; /* RFC 8224 6.2.1: recommended; a clock ahead has as much */

/* RFC 8225 section 5.2.1: a whole number of E.164, its plus left out. */
static struct number claimed_number(struct text claimed)
{
	char text[NUMBER_DIGITS + 1] = "+";
	struct number number;
	text_copy(text + 1, sizeof text - 1, claimed);
	number_read(NULL, NUMBER_FORMAT_ANY, text_from(text), &number);
	return number;
}

/*
 * Is what the token says another number than all of these URIs have?  Names tell nothing.
 * RFC 8224 section 8.3 compares whole numbers; From and To within a network often lack the
 * country, and then the ends have to do.
 */
static bool contradicts(struct text claimed, const struct text *uris, size_t count)
{
	const struct number number = claimed_number(claimed);
	bool compared = false;
	for (size_t i = 0; i < count && number.kind != NUMBER_NONE; i++) {
		struct sip_uri uri;
		struct number other;
		if (!sip_uri_read(uris[i], &uri))
			continue;
		number_read(NULL, NUMBER_FORMAT_ANY, uri.telephone, &other);
		if (other.kind == NUMBER_NONE)
			continue;
		if (number_match(&number, &other))
			return false;
		compared = true;
	}
	return compared;
}

/* Section 5.1: who calls is in P-Asserted-Identity where there is one, else in From. */
static bool contradicts_caller(const struct passport *passport,
                               const struct sip_message *message)
{
	struct text value, uris[2] = { message->from.uri };
	struct sip_address asserted;
	size_t count = 1;
	if (sip_has_header(message, SIP_P_ASSERTED_IDENTITY) &&
	    sip_find_header(message, TEXT("P-Asserted-Identity"), &value) &&
	    sip_read_address(sip_cut_value(&value), &asserted))
		uris[count++] = asserted.uri;
	return contradicts(passport->orig, uris, count);
}

static void note_age(struct leg_identity *identity, const struct passport *passport,
                     nstime at)
{
	if (passport->issued_s < 0)
		return;
	const int64_t age = at / NS_PER_SEC - passport->issued_s;
	identity->stir_aged = true;
	identity->stir_age_s = (int32_t)(age > INT32_MAX   ? INT32_MAX
	                                 : age < INT32_MIN ? INT32_MIN
	                                                   : age);
	if (age > FRESH_S)
		identity->stir |= STIR_STALE;
	else if (age < -FRESH_S)
		identity->stir |= STIR_FUTURE;
}

static void note_passport(struct leg_identity *identity, struct leg_texts *texts,
                          const struct sip_message *message,
                          const struct passport *passport, nstime at)
{
	const struct text called[] = { message->to.uri, message->request_uri };
	if (passport->compact) {
		identity->stir |= STIR_COMPACT;
		return;
	}
	identity->attest = (uint8_t)passport->attest;
	if (passport->foreign_alg)
		identity->stir |= STIR_FOREIGN_ALG;
	leg_texts_replace(texts, LEG_TEXT_STIR_ORIG, passport->orig, RECORD_HOST - 1);
	leg_texts_replace(texts, LEG_TEXT_STIR_DEST, passport->dest, RECORD_HOST - 1);
	note_age(identity, passport, at);
	if (contradicts_caller(passport, message))
		identity->stir |= STIR_ORIG_MISMATCH;
	if (contradicts(passport->dest, called, ARRAY_LEN(called)))
		identity->stir |= STIR_DEST_MISMATCH;
}

/* That of SHAKEN counts; those of diversions (RFC 8946) and others are told of. */
void leg_stir_note(struct leg_identity *identity, struct leg_texts *texts,
                   const struct sip_message *message, nstime at)
{
	uint8_t room[PASSPORT_ROOM];
	struct text rest = message->headers, value;
	bool taken = false;
	identity->stir = STIR_UNVERIFIED;
	identity->attest = ATTEST_NONE;
	identity->stir_aged = false;
	for (unsigned int seen = 0;
	     seen < 8 && sip_next_named(&rest, TEXT("Identity"), &value); seen++) {
		struct passport passport;
		const bool read = passport_read(value, room, &passport) == OK;
		if (!read)
			identity->stir |= STIR_MALFORMED;
		else if (text_equal_nocase(passport.type, TEXT("div")))
			identity->stir |= STIR_DIVERTED;
		else if (!taken)
			note_passport(identity, texts, message, &passport, at);
		taken = taken || (read && !text_equal_nocase(passport.type, TEXT("div")));
	}
}
