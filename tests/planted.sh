# For tests of small changes; use with:  . "$TOP/tests/planted.sh"
#
#   planted_begin                        a copy of this build's objects in ./build; skips nothing
#   planted_build INSTRUCTIONS PROGRAM   the program once more, with a variant mandelbrot/nops: serial's work, and in each execution
#                                        exactly so many instructions for nothing. Fails, with make's words shown, if make does.
# shellcheck shell=bash

planted_begin() {
    mkdir build
    (cd "$BUILD" && tar cf - --format=posix --exclude=./{tests,emulated,plugged,bare,layouts} .) | tar xf - -C build
    mkdir -p plugins/variants/mandelbrot
}

planted_build() { # INSTRUCTIONS PROGRAM
    sed "s/NOPS/$1/" >plugins/variants/mandelbrot/mandelbrot_nops.c <<'C'
/* cflags: -ffp-contract=off */
#include "mandelbrot.h"

static int run_nops(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    int32_t *out = r->output;

    for (int row = 0; row < m->height; row++)
        mandelbrot_row(m, row, out + (size_t)row * m->width);
    __asm__ volatile(".rept NOPS\n nop\n .endr");
    return 0;
}

const struct variant variant_mandelbrot_nops = {
    .abi = VARIANT_ABI, .version = "1", .summary = "more instructions", .run = run_nops};
C
    if ! ${MAKE_COMMAND:-make} -C "$TOP" BUILD="$PWD/build" EXTRA="$PWD/plugins" "$PWD/build/countermark" >make.out 2>&1; then
        tail -n 40 make.out | sed 's/^/#   /'
        return 1
    fi
    cp build/countermark "$2"
}
