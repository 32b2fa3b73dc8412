/* The doctor on GPUs: what is there, and whether counters and traces can be had, found out by trying each in a worker. */
#include "base/text.h"
#include "doctor_parts.h"
#include "gpu.h"

#include <string.h>

static json_t *device(const struct cuda_device *d)
{
    json_t *o = json_pack("{s:o, s:o, s:i, s:I, s:I, s:i, s:i, s:i}", "name", doctor_json(d->name), "capability",
                          json_sprintf("%d.%d", d->major, d->minor), "sms", d->sms, "memory_bytes",
                          (json_int_t)d->memory_bytes, "l2_bytes", (json_int_t)d->l2_bytes, "sm_clock_mhz",
                          d->sm_clock_mhz, "memory_clock_mhz", d->memory_clock_mhz, "bus_bits", d->bus_bits);

    json_object_set_new(o, "ecc", json_boolean(d->ecc));
    json_object_set_new(o, "mig", json_boolean(d->mig));
    json_object_set_new(o, "power_limit_w", json_real(d->power_limit_w));
    return o;
}

static json_t *check(const char *what)
{
    struct cupti_check c;

    gpu_check(what, &c);
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "works", (int)c.works, "reason", doctor_json(c.reason), "cure",
                     doctor_json(c.cure), "chip", doctor_json(c.chip), "cupti", doctor_json(c.version), "path",
                     doctor_json(c.path));
}

json_t *doctor_gpu(void)
{
    const struct cuda_facts *f = gpu_here();
    json_t *devices = json_array();

    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(devices, device(&f->devices[i]));
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "works", *f->reason == '\0', "reason",
                     doctor_json(f->reason), "cure", doctor_json(f->cure), "driver", doctor_json(f->driver), "cuda",
                     f->cuda ? json_sprintf("%d.%d", f->cuda / 1000, f->cuda % 1000 / 10) : json_string(""),
                     "restricted", (int)f->profiling_restricted, "devices", devices, "counters", check("counters"),
                     "tracing", check("tracing"));
}

/* ---- as text */

static void device_text(const json_t *d, struct buf *out)
{
    char memory[40], cache[40];
    double watts = json_number_value(json_object_get(d, "power_limit_w"));

    text_quantity(json_number_value(json_object_get(d, "memory_bytes")), "bytes", memory, sizeof memory);
    text_quantity(json_number_value(json_object_get(d, "l2_bytes")), "bytes", cache, sizeof cache);
    buf_addf(out, "  %s: compute capability %s, %d SMs up to %d MHz, %s of memory, %s of L2 cache",
             doctor_string(d, "name"), doctor_string(d, "capability"),
             (int)json_integer_value(json_object_get(d, "sms")),
             (int)json_integer_value(json_object_get(d, "sm_clock_mhz")), memory, cache);
    if (watts > 0)
        buf_addf(out, ", at most %.0f W", watts);
    buf_addf(out, "%s%s\n", json_is_true(json_object_get(d, "ecc")) ? ", ECC on" : "",
             json_is_true(json_object_get(d, "mig")) ? ", split into instances (MIG)" : "");
}

static void check_text(const json_t *check, const char *name, struct buf *out)
{
    bool works = json_is_true(json_object_get(check, "works"));

    if (works && *doctor_string(check, "chip"))
        buf_addf(out, "  %-8s  work: CUPTI %s counts on %s\n", name, doctor_string(check, "cupti"),
                 doctor_string(check, "chip"));
    else if (works)
        buf_addf(out, "  %-8s  works: CUPTI %s\n", name, doctor_string(check, "cupti"));
    else
        buf_addf(out, "  %-8s  cannot be had: %s\n", name, doctor_string(check, "reason"));
    if (*doctor_string(check, "cure"))
        buf_addf(out, "  %-8s  cure: %s\n", "", doctor_string(check, "cure"));
}

void doctor_gpu_text(const json_t *gpu, struct buf *out)
{
    const json_t *counters = json_object_get(gpu, "counters"), *tracing = json_object_get(gpu, "tracing"),
                 *devices = json_object_get(gpu, "devices");
    size_t i;
    json_t *row;

    buf_add(out, "\ngpu\n");
    if (*doctor_string(gpu, "driver") || *doctor_string(gpu, "cuda"))
        buf_addf(out, "  driver %s for CUDA up to %s\n",
                 *doctor_string(gpu, "driver") ? doctor_string(gpu, "driver") : "of an unknown version",
                 doctor_string(gpu, "cuda"));
    json_array_foreach(devices, i, row)
    {
        device_text(row, out);
    }
    if (!json_is_true(json_object_get(gpu, "works"))) {
        buf_addf(out, "  cannot be used: %s\n", doctor_string(gpu, "reason"));
        if (*doctor_string(gpu, "cure"))
            buf_addf(out, "  cure: %s\n", doctor_string(gpu, "cure"));
        return;
    }
    check_text(counters, "counters", out);
    check_text(tracing, "tracing", out);
    if (!json_is_true(json_object_get(counters, "works")) || !json_is_true(json_object_get(tracing, "works")))
        buf_add(out, "  The times of GPU variants are still taken.\n");
}
