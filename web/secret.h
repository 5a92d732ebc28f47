/*
 * secret.h - secrets: drawn, hashed, compared; libsodium and nothing else.
 *
 * Passwords become argon2id with memory enough to make guessing dear; tokens and sessions
 * are random, so that a plain hash is enough to keep them by.
 */
#ifndef EARSHOT_WEB_SECRET_H
#define EARSHOT_WEB_SECRET_H

#include "analyzer/base/text.h"

enum {
	SECRET_BYTES = 32,
	SECRET_TEXT = 64, /* room for a token, a session or a one-time secret */
	SECRET_HEX = 2 * 16 + 1,
	SECRET_PASSWORD = 128, /* room for what a password is kept as */
	SECRET_PASSWORD_MIN = 10,
	SECRET_PASSWORD_MAX = 1024,
};

/* Before all others; false: this system has no random numbers. */
MUST_CHECK bool secret_init(void);

void secret_draw(uint8_t to[SECRET_BYTES]);

/* "earshot_" and 43 characters: recognized where it should not be. */
void secret_draw_token(char to[SECRET_TEXT]);
/* 43 characters fit for a cookie. */
void secret_draw_session(char to[SECRET_TEXT]);
/* 100 bits in groups that a person can type: "k3vd-9qxm-...". */
void secret_draw_password(char to[SECRET_TEXT]);

/* What a token or a session is kept as. */
void secret_hash(struct text secret, uint8_t to[SECRET_BYTES]);

/* 16 octets as hexadecimal digits, which only who has the key can make of the text. */
void secret_derive(struct text key, struct text text, char to[SECRET_HEX]);

/* len octets, 16 to 64, likewise. */
void secret_keyed(const uint8_t key[SECRET_BYTES], struct text text, uint8_t *to,
                  size_t len);

/* In a time that tells only the length. */
bool secret_equal(struct text a, struct text b);

/*
 * Takes about 0.1 s and 32 MiB.  ERR_NOMEM.  `to` is terminated and has no more than
 * SECRET_PASSWORD bytes.
 */
MUST_CHECK enum status secret_hash_password(struct text password, char to[SECRET_PASSWORD]);
/* kept: NULL = there is no such user, which takes as long and is never right. */
bool secret_is_password(const char *kept, struct text password);

#endif
