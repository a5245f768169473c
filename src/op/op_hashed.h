/*
 * An input that hashes what is read through it, so that verify reads an object once and has both its frames
 * and its SHA-256. A read that carries on where reading stopped is hashed as it passes. A short stretch that
 * a read jumps over is read then; after a long jump (the end of an age file is proven first) the digest waits
 * until reading comes back, or for op_hashed_finish().
 */
#ifndef INCANT_OP_HASHED_H
#define INCANT_OP_HASHED_H

#include "incant/digest.h"
#include "incant/input.h"

struct op_hashed;

/* Over an input (borrowed). NULL with the error. */
struct op_hashed *op_hashed_new(struct input *under);

/* The input to read from; it belongs to the op_hashed. */
struct input *op_hashed_input(struct op_hashed *hashed);

/* Reads what is left and gives the SHA-256 of the whole. 0 or -1. */
int op_hashed_finish(struct op_hashed *hashed, char hex[DIGEST_SHA256_HEX]);
void op_hashed_free(struct op_hashed *hashed);

#endif
