/* What the gate knows of the machine between two runs. Private to the gate and its writers. */
#ifndef HARNESS_GATE_ANCHOR_H
#define HARNESS_GATE_ANCHOR_H

#include "../reports/analysis/drift.h"
#include "gate_model.h"

#include <jansson.h>

struct gate_drift {
    const struct gate_side *baseline;
    struct drift machine; /* parts' names are its own */
    char *words;          /* NULL: it has not moved, as far as is known */
};

/* gate_json_machine.c: a list with an object per baseline; and of a comparison what is beyond the machine's change, or null. */
json_t *gate_machine_json(const struct gate *g);
json_t *gate_beyond_json(const struct gate_item *item);

#endif
