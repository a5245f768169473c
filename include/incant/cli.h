/*
 * The command line: argv in, exit code out. main calls this and nothing else.
 */
#ifndef INCANT_CLI_H
#define INCANT_CLI_H

/*
 * Runs one command. Results go to standard output (text, or one JSON object with --json, failures included),
 * log and progress to standard error, the error as one line "incant-backup: …" with a second line "hint: …"
 * where there is one. Installs the signal handlers (interrupt.h). Returns the exit code: the error's class,
 * 128 and the signal when one ended the run.
 */
int cli_run(int argc, char **argv);

#endif
