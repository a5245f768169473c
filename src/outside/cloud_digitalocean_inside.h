/* What the files about DigitalOcean share. */
#ifndef INCANT_CLOUD_DIGITALOCEAN_INSIDE_H
#define INCANT_CLOUD_DIGITALOCEAN_INSIDE_H

#include "incant/cloud_digitalocean.h"
#include "incant/http.h"
#include "incant/json.h"

struct cloud {
	struct http *http;
	char *api;
	char *token;
	char *token_file;          /* where it came from; NULL = the environment */
	uint64_t deadline_ms;      /* on clock_monotonic_ms() */
	int (*pause)(uint64_t ms); /* interrupt_wait(), or a test's */
};

struct cloud_call {
	const char *method;
	const char *path; /* "/v2/droplets/1", with its query */
	const char *body; /* JSON; NULL = none */
	const char *what; /* for errors: "list the snapshots" */
	const char *of;   /* what a 404 means: "droplet 1" */
};

/* Results of cloud_send() besides 0 and -1. No error is set but by CLOUD_DOUBTFUL. */
enum {
	CLOUD_MISSING = 1, /* 404, of a DELETE or where `of` is NULL */
	CLOUD_PENDING,     /* 422: the droplet has an event going on */
	CLOUD_DOUBTFUL     /* of a POST: it failed so that it may have been done; the error is set */
};

/*
 * Sends it, again where that helps: GET and DELETE after a failed connection or a 5xx, at most four times in
 * all; everything after a 429, as long as the deadline allows. *answer is the 2xx body (NULL for an empty
 * one) and the caller's.
 */
int cloud_send(struct cloud *cloud, const struct cloud_call *call, struct json **answer);

/* Pauses, unless the deadline comes before: then -1 with ERR_CLOUD "… within the time that it was given". */
int cloud_pause(const struct cloud *cloud, uint64_t ms, const char *what);

#endif
