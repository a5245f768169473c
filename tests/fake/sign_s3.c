/*
 * Signs requests that stand on standard input, for a comparison with other implementations. A request is a
 * line of fields with tabs between, each percent-encoded as a whole, so that any byte can be in it:
 *
 *     METHOD KEY PAYLOAD-SHA256 TIME REGION ACCESS-KEY SECRET-KEY NAME=VALUE…
 *
 * A NAME that begins with ':' is a header's, others are the query's. The answer is two lines: the path and
 * query as they are sent, and the Authorization header.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/store/store_s3_sign.h"
#include "incant/error.h"
#include "incant/text.h"

#define FIELDS_MAX 64

/* Percent-decodes a text in place. Returns it. */
static char *
decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; to++) {
		char digits[3] = { 0 };

		if (*from != '%') {
			*to = *from++;
			continue;
		}
		memcpy(digits, from + 1, 2);
		if (text_unhex(to, 1, digits) != 0)
			exit(2);
		from += 3;
	}
	*to = '\0';
	return text;
}

static int
sign_line(char *line)
{
	char *fields[FIELDS_MAX];
	struct store_s3_pair headers[STORE_S3_HEADERS], query[FIELDS_MAX];
	size_t count = 0, header_count = 0, query_count = 0;
	struct buf path = BUF_EMPTY, text = BUF_EMPTY, authorization = BUF_EMPTY;

	for (char *at = strtok(line, "\t\n"); at != NULL && count < FIELDS_MAX; at = strtok(NULL, "\t\n"))
		fields[count++] = at;
	if (count < 7)
		return 2;
	for (size_t i = 7; i < count; i++) {
		char *value = strchr(fields[i], '=');
		bool header = fields[i][0] == ':';

		if (value == NULL)
			return 2;
		*value++ = '\0';
		const struct store_s3_pair pair = { decode(fields[i] + header), decode(value) };
		if (header)
			headers[header_count++] = pair;
		else
			query[query_count++] = pair;
	}
	store_s3_encode(decode(fields[1]), "/", &path);
	store_s3_encode_query(query, query_count, &text);
	const struct store_s3_signing signing = {
		.method = fields[0],
		.path = buf_text(&path),
		.query = buf_text(&text),
		.headers = headers,
		.header_count = header_count,
		.payload = fields[2],
		.time = fields[3],
		.region = fields[4],
		.service = "s3",
		.access_key = decode(fields[5]),
		.secret_key = decode(fields[6]),
	};
	if (store_s3_sign(&signing, &authorization) != 0)
		return 1;
	printf("%s?%s\n%s\n", buf_text(&path), buf_text(&text), buf_text(&authorization));
	buf_clear(&path);
	buf_clear(&text);
	buf_clear(&authorization);
	return 0;
}

int
main(void)
{
	char *line = NULL;
	size_t capacity = 0;
	int status = 0;

	while (status == 0 && getline(&line, &capacity, stdin) > 0)
		status = sign_line(line);
	free(line);
	return status;
}
