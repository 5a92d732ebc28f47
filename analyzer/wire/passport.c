#include "analyzer/wire/passport.h"

#include "analyzer/wire/base64url.h"
#include "analyzer/wire/claims.h"

struct room {
	uint8_t *at;
	size_t left;
};

/* The JSON object that a part of the token is; takes its bytes off the room. */
static enum status read_part(struct text part, struct room *room, struct text *object)
{
	size_t len;
	const enum status status = base64url_decode(part, room->at, room->left, &len);
	if (status != OK)
		return status;
	struct claim_value value;
	const struct text json = { (const char *)room->at, len };
	room->at += len;
	room->left -= len;
	if (!claims_open(json, &value) || value.type != CLAIM_TYPE_OBJECT)
		return ERR_MALFORMED;
	*object = value.text;
	return OK;
}

/* {"tn":"1215..."} or {"uri":"sip:..."}; of dest the first of a list (RFC 8225 5.2.1). */
static struct text identity_of(struct text claims, struct text name)
{
	const struct claim_value who = claims_member(claims, name);
	if (who.type != CLAIM_TYPE_OBJECT)
		return (struct text){ 0 };
	struct claim_value value = claims_member(who.text, TEXT("tn"));
	if (value.type == CLAIM_TYPE_NONE)
		value = claims_member(who.text, TEXT("uri"));
	struct text rest = value.text;
	if (value.type == CLAIM_TYPE_ARRAY && !claims_next_element(&rest, &value))
		return (struct text){ 0 };
	return value.type == CLAIM_TYPE_STRING ? value.text : (struct text){ 0 };
}

static enum attestation attestation_of(struct text claims)
{
	const struct claim_value attest = claims_member(claims, TEXT("attest"));
	if (attest.type != CLAIM_TYPE_STRING || attest.text.len != 1)
		return ATTEST_NONE;
	const char letter = attest.text.at[0];
	return letter >= 'A' && letter <= 'C' ? (enum attestation)(ATTEST_A + letter - 'A')
	                                      : ATTEST_NONE;
}

static void read_claims(struct text claims, struct passport *out)
{
	const struct claim_value issued = claims_member(claims, TEXT("iat"));
	uint64_t seconds;
	if (issued.type == CLAIM_TYPE_NUMBER &&
	    text_number(issued.text, UINT32_MAX, &seconds) == OK)
		out->issued_s = (int64_t)seconds;
	out->orig = identity_of(claims, TEXT("orig"));
	out->dest = identity_of(claims, TEXT("dest"));
	out->attest = attestation_of(claims);
}

static void read_header(struct text header, struct passport *out)
{
	const struct claim_value type = claims_member(header, TEXT("ppt"));
	const struct claim_value alg = claims_member(header, TEXT("alg"));
	if (type.type == CLAIM_TYPE_STRING)
		out->type = type.text;
	out->foreign_alg =
	        alg.type != CLAIM_TYPE_STRING || !text_equal(alg.text, TEXT("ES256"));
}

/* signed-identity-digest = header "." claims "." signature, then ;info= and others. */
enum status passport_read(struct text identity, uint8_t room_bytes[PASSPORT_ROOM],
                          struct passport *out)
{
	struct room room = { room_bytes, PASSPORT_ROOM };
	struct text token = text_trim(text_head(identity, text_find(identity, ';')));
	const struct text header_part = text_cut(&token, '.');
	const struct text claims_part = text_cut(&token, '.');
	struct text header, claims;
	*out = (struct passport){ .issued_s = -1 };
	if (token.len == 0)
		return ERR_MALFORMED; /* no signature, or no token at all */
	if (header_part.len == 0 && claims_part.len == 0) {
		out->compact = true;
		return OK;
	}
	enum status status = read_part(header_part, &room, &header);
	if (status == OK)
		status = read_part(claims_part, &room, &claims);
	if (status != OK)
		return status;
	read_header(header, out);
	read_claims(claims, out);
	return OK;
}
