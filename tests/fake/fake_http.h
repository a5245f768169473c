/*
 * A scripted HTTP peer on a unix socket, or on a port of this machine, in a thread of its own. The script is
 * a dialogue: which request must come next, and what is said to it. Once the dialogue is over, or has gone
 * wrong, connections are refused.
 *
 * fake_http_start(), any requests to fake_http_socket(), fake_http_end().
 */
#ifndef INCANT_FAKE_HTTP_H
#define INCANT_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum fake_fault {
	FAKE_NONE,
	FAKE_CUT,   /* closes the connection after `cut` bytes of the body */
	FAKE_RESET, /* resets the connection when the request comes, without reading it */
	FAKE_STALL  /* falls silent after `cut` bytes of the body, until the client has gone */
};

struct fake_exchange {
	const char *request; /* the request line begins so: "GET /_ping" */
	const char *with;    /* a text in the request's header or body; NULL = whatever */
	int status;          /* 0 = the body is all that is sent, without a header */
	const char *header;  /* further lines, each ended by \r\n; NULL = none */
	const void *body;    /* NULL = empty */
	size_t body_len;     /* 0 = body is a text */
	size_t piece;        /* bytes sent at once; 0 = all */
	bool until_close;    /* no Content-Length: the end of the connection ends the body */
	bool keep;           /* the next request comes on this connection */
	bool again;          /* may come any number of times more before the next one */
	enum fake_fault fault;
	size_t cut;
	void (*then)(void); /* called, in the peer's thread, when the request has come; NULL = nothing */
};

struct fake_http;

/* Listens, and speaks the dialogue (borrowed until the end). Never NULL: it aborts where there is no socket.
 */
struct fake_http *fake_http_start(const struct fake_exchange *dialogue, size_t count);

/* The same on a port of 127.0.0.1, which fake_http_port() tells. */
struct fake_http *fake_http_start_tcp(const struct fake_exchange *dialogue, size_t count);
unsigned fake_http_port(const struct fake_http *fake);

/* The path of its socket. Borrowed. */
const char *fake_http_socket(const struct fake_http *fake);

/*
 * Stops it and frees it. Returns "" when every request of the dialogue came as it should, or what went wrong:
 * a text that lasts until the next call.
 */
const char *fake_http_end(struct fake_http *fake);

#endif
