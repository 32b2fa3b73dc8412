/*
 * Variants that nvcc compiled: shared objects inside this program, loaded from memory by the worker that measures one. So a
 * copy of the program is complete, and its hash covers them.
 */
#ifndef HARNESS_MODULE_H
#define HARNESS_MODULE_H

#include "registry.h"

/* The variant with its module's functions filled in: `*out` is a copy of row->variant. 0, or -1 with the reason (not built in, made for
 * another variant.h, the C++ library is not installed, ...). Loaded once per process, never unloaded. */
int module_load(const struct registry_variant *row, struct variant *out, struct err *e);

/* The functions in a shared object that stands in memory; NULL with the reason. `name` is for people. */
const struct variant_module *module_open(const char *name, const unsigned char *begin, const unsigned char *end,
                                         struct err *e);

#endif
