#include "web/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { PASSES = 3, MEMORY = 32 << 20, PASSWORD_LETTERS = 20, GROUP = 4 };

static_assert(SECRET_PASSWORD >= crypto_pwhash_STRBYTES, "room for the hash");
static_assert(SECRET_BYTES == crypto_generichash_BYTES, "the library's own length");

bool secret_init(void)
{
	return sodium_init() >= 0;
}

void secret_draw(uint8_t to[SECRET_BYTES])
{
	randombytes_buf(to, SECRET_BYTES);
}

static void draw_text(char *to, size_t size)
{
	uint8_t bytes[SECRET_BYTES];
	secret_draw(bytes);
	sodium_bin2base64(to, size, bytes, sizeof bytes,
	                  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
}

void secret_draw_token(char to[SECRET_TEXT])
{
	static const char prefix[] = "earshot_";
	memcpy(to, prefix, sizeof prefix);
	draw_text(to + sizeof prefix - 1, SECRET_TEXT - (sizeof prefix - 1));
}

void secret_draw_session(char to[SECRET_TEXT])
{
	draw_text(to, SECRET_TEXT);
}

void secret_draw_password(char to[SECRET_TEXT])
{
	/* 32 letters, none of which is taken for another. */
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	size_t len = 0;
	static_assert(sizeof letters == 32 + 1, "5 bits each");
	for (size_t i = 0; i < PASSWORD_LETTERS; i++) {
		if (i > 0 && i % GROUP == 0)
			to[len++] = '-';
		to[len++] = letters[randombytes_uniform(32)];
	}
	to[len] = '\0';
}

void secret_hash(struct text secret, uint8_t to[SECRET_BYTES])
{
	crypto_generichash(to, SECRET_BYTES, (const uint8_t *)secret.at, secret.len, NULL,
	                   0);
}

void secret_derive(struct text key, struct text text, char to[SECRET_HEX])
{
	uint8_t hashed[SECRET_BYTES];
	uint8_t out[16];
	secret_hash(key, hashed);
	secret_keyed(hashed, text, out, sizeof out);
	sodium_bin2hex(to, SECRET_HEX, out, sizeof out);
}

void secret_keyed(const uint8_t key[SECRET_BYTES], struct text text, uint8_t *to,
                  size_t len)
{
	crypto_generichash(to, len, (const uint8_t *)text.at, text.len, key, SECRET_BYTES);
}

bool secret_equal(struct text a, struct text b)
{
	return a.len == b.len && sodium_memcmp(a.at, b.at, a.len) == 0;
}

enum status secret_hash_password(struct text password, char to[SECRET_PASSWORD])
{
	return crypto_pwhash_str_alg(to, password.at, password.len, PASSES, MEMORY,
	                             crypto_pwhash_ALG_ARGON2ID13) == 0
	               ? OK
	               : ERR_NOMEM;
}

bool secret_is_password(const char *kept, struct text password)
{
	/* As long and as dear as any other, and of a password that is too long to be one.
	 */
	static const char of_nobody[crypto_pwhash_STRBYTES] =
	        "$argon2id$v=19$m=32768,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA"
	        "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	const bool equal = crypto_pwhash_str_verify(kept ? kept : of_nobody, password.at,
	                                            password.len) == 0;
	return kept && equal;
}
