/*
 * Standard error as the log and the progress bar share it. The log owns the terminal's last lines: it draws
 * the bar there, and takes it away before it prints.
 */
#ifndef INCANT_LOG_BAR_H
#define INCANT_LOG_BAR_H

/* Draws text, of one line or several, over the bar that is there; NULL takes the bar away. */
void log_bar(const char *text);

#endif
