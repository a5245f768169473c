/*
 * The list of endpoints that this process has spoken to. It only grows, by one for each bucket in the
 * settings; one lock guards it and what is in it.
 */
#include "config.h"

#include "store_s3_contact.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "incant/mem.h"

struct store_s3_contact {
	struct store_s3_contact *next;
	char *url;
	bool answers;
	uint64_t down_until_ms; /* 0 = it is not down */
	struct error cause;     /* while it is down */
};

static pthread_mutex_t contacts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store_s3_contact *contacts;

struct store_s3_contact *
store_s3_contact_of(const char *url)
{
	struct store_s3_contact *contact;

	pthread_mutex_lock(&contacts_lock);
	for (contact = contacts; contact != NULL; contact = contact->next)
		if (strcmp(contact->url, url) == 0)
			break;
	if (contact == NULL) {
		contact = mem_zero(sizeof(*contact));
		contact->url = mem_text(url);
		contact->next = contacts;
		contacts = contact;
	}
	pthread_mutex_unlock(&contacts_lock);
	return contact;
}

bool
store_s3_contact_answers(struct store_s3_contact *contact)
{
	pthread_mutex_lock(&contacts_lock);
	bool answers = contact->answers;
	pthread_mutex_unlock(&contacts_lock);
	return answers;
}

bool
store_s3_contact_is_down(struct store_s3_contact *contact, uint64_t now_ms)
{
	struct error cause = { .class = ERR_NONE };

	pthread_mutex_lock(&contacts_lock);
	if (now_ms < contact->down_until_ms)
		cause = contact->cause;
	pthread_mutex_unlock(&contacts_lock);
	if (cause.class != ERR_NONE)
		error_put(&cause);
	return cause.class != ERR_NONE;
}

void
store_s3_contact_answered(struct store_s3_contact *contact)
{
	pthread_mutex_lock(&contacts_lock);
	contact->answers = true;
	contact->down_until_ms = 0;
	pthread_mutex_unlock(&contacts_lock);
}

void
store_s3_contact_lost(
	struct store_s3_contact *contact, uint64_t now_ms, bool unreached, const struct error *error)
{
	pthread_mutex_lock(&contacts_lock);
	if (unreached || !contact->answers) {
		contact->answers = false;
		contact->down_until_ms = now_ms + STORE_S3_DOWN_MS;
		contact->cause = *error;
	}
	pthread_mutex_unlock(&contacts_lock);
}
