/*
 * The wrappers around every stage. They count what was taken, remember how far the chain has come, and refuse
 * what the order of calls forbids, so that no stage has to.
 */
#include "config.h"

#include "incant/stage.h"

#include "incant/error.h"

void
stage_init(struct stage *stage, const struct stage_ops *ops, struct stage *next)
{
	stage->ops = ops;
	stage->next = next;
	stage->in_bytes = 0;
	stage->state = STAGE_OPEN;
}

/* A stage that has failed keeps its first error where the caller has not cleared it: that is the cause. */
static int
refuse(const struct stage *stage, const char *call)
{
	if (stage->state == STAGE_FAILED && error_get()->class != ERR_NONE)
		return -1;
	return error_set(ERR_INTERNAL, "%s on stage '%s', which has %s already", call, stage->ops->name,
		stage->state == STAGE_FAILED ? "failed" : "finished");
}

int
stage_write(struct stage *stage, const void *bytes, size_t len)
{
	if (stage->state != STAGE_OPEN)
		return refuse(stage, "write");
	if (len == 0)
		return 0;
	if (stage->ops->write(stage, bytes, len) != 0) {
		stage->state = STAGE_FAILED;
		return -1;
	}
	stage->in_bytes += len;
	return 0;
}

int
stage_finish(struct stage *stage)
{
	if (stage->state != STAGE_OPEN)
		return refuse(stage, "finish");
	if ((stage->ops->finish != NULL && stage->ops->finish(stage) != 0) ||
		(stage->next != NULL && stage_finish(stage->next) != 0)) {
		stage->state = STAGE_FAILED;
		return -1;
	}
	stage->state = STAGE_FINISHED;
	return 0;
}

void
stage_free(struct stage *head)
{
	while (head != NULL) {
		struct stage *next = head->next;

		head->ops->free(head);
		head = next;
	}
}
