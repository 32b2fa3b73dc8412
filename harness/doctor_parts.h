/* Inside doctor*.c: the parts of the document that have a file of their own. */
#ifndef HARNESS_DOCTOR_PARTS_H
#define HARNESS_DOCTOR_PARTS_H

#include "doctor.h"

/* The key "gpu". */
json_t *doctor_gpu(void);
void doctor_gpu_text(const json_t *gpu, struct buf *out);

/* The keys "groups" and "passes"; `gpu` tells whether a GPU's are worth asking for. -1 if the user interrupted, or a group's text has
 * a mistake. */
int doctor_groups(json_t *document, const json_t *gpu, struct err *e);
void doctor_groups_text(const json_t *groups, const json_t *passes, struct buf *out);

/* The key "noise". */
void doctor_noise(json_t *document, const struct host *h, const char *database);
void doctor_noise_text(const json_t *noise, struct buf *out);

/* A text for the document, whatever its bytes; NULL is "". */
json_t *doctor_json(const char *text);
/* A text of the document; "" if it is not there. */
const char *doctor_string(const json_t *object, const char *key);
/* The longest `key` of a list's objects. */
int doctor_width(const json_t *list, const char *key);

#endif
