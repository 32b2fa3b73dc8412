/* Texts from the database, made fit for HTML and SVG: both end at a byte that is no UTF-8, or at a control character. */
#ifndef REPORTS_REPORT_TEXT_H
#define REPORTS_REPORT_TEXT_H

/* A copy with control characters as spaces and broken UTF-8 as question marks; free(). */
char *report_clean(const char *text);

#endif
