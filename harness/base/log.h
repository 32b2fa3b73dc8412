/* Messages to people, on standard error only: standard output belongs to results. */
#ifndef HARNESS_BASE_LOG_H
#define HARNESS_BASE_LOG_H

void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));    /* plain line */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2))); /* "warning: ..." */

#endif
