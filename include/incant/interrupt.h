/*
 * SIGINT, SIGTERM and SIGHUP become a flag that long work looks at, so that it cleans up and ends with 128 +
 * signal. A second signal ends the program at once. SIGPIPE is ignored, and SIGHUP where it was (nohup).
 */
#ifndef INCANT_INTERRUPT_H
#define INCANT_INTERRUPT_H

#include <stdint.h>

/* Installs the handlers. Once, from main, before threads start. */
int interrupt_install(void);

/* The pending signal, or 0. Any thread. */
int interrupt_pending(void);

/* A descriptor that becomes readable when a signal is pending, for poll(2); -1 before interrupt_install().
 * Never read it. */
int interrupt_fd(void);

/* 0, or -1 with ERR_INTERRUPTED "interrupted by SIGTERM" when a signal is pending. */
int interrupt_check(void);

/* Waits that long, or until a signal is pending. 0, or -1 with ERR_INTERRUPTED. */
int interrupt_wait(uint64_t ms);

/*
 * Puts a pending signal aside, so that something can still be done that must be: interrupt_resume() with what
 * interrupt_hold() gave brings it back. A further signal in between is like a first one. 0 = none was
 * pending.
 */
int interrupt_hold(void);
void interrupt_resume(int held);

/* Pretends that a signal came (0 = forget it). For tests. */
void interrupt_simulate(int signal_number);

#endif
