/* doctor --calibrate, for cmd_doctor.c, which prints. */
#ifndef HARNESS_DOCTOR_CALIBRATE_H
#define HARNESS_DOCTOR_CALIBRATE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

struct doctor_calibrate {
    const char *collect; /* NULL: all that can count something whose count is known */
    const char *database, *machine, *machine_class;
    bool json;
};

/* An exit code: 0 where nothing is wrong, 4 where an event is; else what failed. The table is in `out`. */
int doctor_calibrate(const struct doctor_calibrate *q, struct buf *out, struct err *e);

#endif
