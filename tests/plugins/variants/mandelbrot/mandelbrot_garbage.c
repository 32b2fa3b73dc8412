/*
 * Test plug-in: the right picture, and garbage on standard output, standard error and descriptor 4, where a worker's answers
 * go: bytes that are no text, JSON that means nothing, half a line.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

#include <unistd.h>

static int run_garbage(struct run *r)
{
    static const char garbage[] =
        "\xff\xfe\0{\"samples\": [[]], \n{{{{ <script>alert(1)</script> \x1b[31m\n\"half a line";
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int descriptor = 1; descriptor <= 4; descriptor++)
        if (descriptor != 3 && write(descriptor, garbage, sizeof garbage - 1) < 0)
            continue; /* nobody listens there */
    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    return 0;
}

const struct variant variant_mandelbrot_garbage = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "prints garbage",
    .run = run_garbage,
};
