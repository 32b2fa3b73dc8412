/*
 * Inside a worker process: one request is read, one point measured in one pass, the answer written. See launch.h for
 * the parent's side and launch_message.h for the protocol.
 */
#ifndef HARNESS_WORKER_H
#define HARNESS_WORKER_H

#include "../collectors/fake.h"
#include "../variants/variant.h"
#include "launch_message.h"
#include "measure.h"

/* Readings become samples here and are written when all is measured. */
struct worker_record {
    const struct metric **metrics;
    size_t metric_count, metric_capacity;
    struct worker_sample *samples;
    size_t sample_count, sample_capacity;
    char **made; /* texts and descriptors that the record owns */
    size_t made_count, made_capacity;
};

struct worker {
    struct launch_request request;
    const struct launch_spec *spec; /* of the request */
    struct fake *fake;              /* or NULL */
    const char *fault;              /* the scripted error of this launch, or NULL */
    enum variant_device device;     /* of the variant; any program has none */
    struct measure_instruments instruments;
    char **sets; /* the events of each, where sets of a pass take turns */
    struct worker_record record;
    struct measure_report report;
    struct launch_result result;
    char reason[400];
    char checksum[72];
    int exit_code; /* >= 0: end with it, without an answer (scripted) */
};

/* Reads the request from descriptor 3, measures, answers on 4. Returns the exit code of the process. */
int worker_serve(struct err *e);

/* `worker --plan-collector NAME WANTED`: the collector's passes as one JSON line on descriptor 4. */
int worker_plan(const char *collector, const char *wanted, struct err *e);
/* `worker --collector-model NAME MODEL`: the lists of collector.model, likewise. */
int worker_model(const char *collector, const char *model, struct err *e);
/* `worker --codes`: the hash of every variant's machine code in this program. */
int worker_codes(struct err *e);
/* Writes all of it to descriptor 4. */
int worker_answer(const struct buf *b, struct err *e);

/* A variant's point, and any program's. Results are in w->result and w->record. */
void worker_variant(struct worker *w);
void worker_program(struct worker *w);

/* Sets the outcome; the sentence is kept. */
void worker_outcome(struct worker *w, enum launch_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Chooses the instruments of the request's pass. 0, or -1 with the outcome set. */
int worker_instruments(struct worker *w);

/* The simulator that counts in this pass, or NULL; then nothing is warmed up or repeated: its counts repeat by themselves. */
const struct collector *worker_simulator(const struct worker *w);
/* False, with the outcome set, if one execution takes longer there than the request allows. */
bool worker_simulable(struct worker *w, double seconds);

/* Scripted crashes, hangs and the like, at the point where code under test runs. True: the launch is over. */
bool worker_fault(struct worker *w);
bool worker_fault_is(const struct worker *w, const char *name);

/* A measure_callback; `user` is the worker. */
void worker_record_readings(int repetition, struct reading *readings, size_t count, void *user);
/* A gauge of the whole launch. */
void worker_record_state(struct worker *w, struct reading *reading);
void worker_record_write(const struct worker_record *r, struct buf *answer);
void worker_record_clear(struct worker_record *r);

/* Reference results. */
struct reference {
    void *memory;      /* free() */
    const void *bytes; /* as many as the output has */
};
/* From the cache, or computed and put there. 0, or -1 with run->error. */
int worker_reference(const struct launch_spec *spec, const struct kernel *kernel, struct run *run,
                     struct reference *out, struct work *work);
uint64_t worker_checksum(const void *bytes, size_t length);

#endif
