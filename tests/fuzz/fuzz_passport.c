/* fuzz_passport.c - an Identity header's token, and the JSON that would be in it. */
#include "analyzer/wire/claims.h"
#include "analyzer/wire/passport.h"

#include <assert.h>

static void expect_inside(struct text inner, struct text outer)
{
	assert(inner.len == 0 || (inner.at >= outer.at && inner.len <= outer.len &&
	                          (size_t)(inner.at - outer.at) <= outer.len - inner.len));
}

/* Every walk ends, and shows nothing but what is there. */
static void walk(struct text json)
{
	struct claim_value value, member;
	struct text rest, name;
	if (!claims_open(json, &value))
		return;
	expect_inside(value.text, json);
	rest = value.text;
	for (size_t before = rest.len + 1; rest.len < before;) {
		before = rest.len;
		const bool more = value.type == CLAIM_TYPE_OBJECT
		                          ? claims_next_member(&rest, &name, &member)
		                          : claims_next_element(&rest, &member);
		if (!more)
			break;
		assert(rest.len < before);
		expect_inside(member.text, value.text);
		if (value.type == CLAIM_TYPE_OBJECT)
			expect_inside(name, value.text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t room[PASSPORT_ROOM];
	const struct text input = text_of((struct span){ data, len });
	const struct text decoded = { (const char *)room, sizeof room };
	struct passport passport;
	walk(input);
	if (passport_read(input, room, &passport) != OK)
		return 0;
	expect_inside(passport.orig, decoded);
	expect_inside(passport.dest, decoded);
	expect_inside(passport.type, decoded);
	assert(passport.attest < ATTEST_COUNT && passport.issued_s >= -1);
	return 0;
}
