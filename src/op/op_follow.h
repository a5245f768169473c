/*
 * Copies that follow a dump. The object in the first store is their buffer: while it is written, each other
 * store has a follower that reads what is there so far and sends it on, at its own speed. The dump waits for
 * none of them, and what fails there costs the backup nothing.
 *
 *     follow = op_follow_begin(settings, store, manifest);       asks nothing of the network itself
 *     object = op_follow_tap(follow, name, store_write(…));      for each object that is to be followed
 *     … the object is written and committed …
 *     op_follow_object(follow, entry);                           it stands in the first store: this is its
 * digest … and so on; then the manifest is committed … op_follow_commit(follow); the backup stands: followers
 * copy what is left, op_follow_wait(follow);                                    and what their store lacks of
 * earlier backups op_follow_outcome(follow, i, &error) … op_follow_free(follow); without op_follow_commit():
 * all is given up
 *
 * A follow of NULL is one that nobody follows: tap, object, commit and free take it.
 */
#ifndef INCANT_OP_FOLLOW_H
#define INCANT_OP_FOLLOW_H

#include "incant/error.h"
#include "incant/manifest.h"
#include "incant/settings.h"
#include "incant/stage.h"
#include "incant/store.h"

struct op_follow;

/*
 * Starts a follower for each store of the settings but the first, which is `from`. manifest: the backup's;
 * its source and id are known, the rest when op_follow_commit() is called. All are borrowed until
 * op_follow_free(). NULL with ERR_INTERNAL when there are no threads to be had. Where there is one store
 * only, there are no followers, and every call here does next to nothing.
 */
struct op_follow *op_follow_begin(
	const struct settings *settings, struct store *from, const struct manifest *manifest);

/*
 * A stage in front of an object's own (takes ownership of it, also on failure): tells the followers of what
 * has been written. name: the object's within the backup. A store whose unfinished objects cannot be read
 * gets no such stage; followers copy the object afterwards. One object at a time: what was tapped before and
 * is not said to stand by then was given up.
 */
struct stage *op_follow_tap(struct op_follow *follow, const char *name, struct stage *object);

/* The object tapped last was committed, and has this digest. */
void op_follow_object(struct op_follow *follow, const struct manifest_object *object);

/* The backup was committed with its manifest. */
void op_follow_commit(struct op_follow *follow);

/* Waits until all followers are done, showing progress. */
void op_follow_wait(struct op_follow *follow);

/* What came of the copy into the settings' store number `store` (from 1): true, or false with the error.
 * After op_follow_wait(). */
bool op_follow_outcome(const struct op_follow *follow, size_t store, struct error *error);

void op_follow_free(struct op_follow *follow); /* NULL is allowed */

#endif
