/*
 * Which CPUs an isolated launch gets. The hardware threads of one core are told apart by the kernel's own list;
 * loading a whole topology for it would cost each run more than it is worth.
 */
#include "base/file.h"
#include "launch_process.h"

#include <stdio.h>
#include <stdlib.h>

/* The first hardware thread of the core that `cpu` belongs to. */
static int first_sibling(int cpu)
{
    char path[96];
    char *text;
    int first = cpu;

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    text = file_exists(path) ? file_read(path, NULL, NULL) : NULL;
    if (text && *text >= '0' && *text <= '9')
        first = (int)strtol(text, NULL, 10);
    free(text);
    return first;
}

int launch_cpus(int threads, cpu_set_t *out)
{
    cpu_set_t allowed;
    int left = threads;

    if (threads < 1 || sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) < threads)
        return -1;
    CPU_ZERO(out);
    /* From the highest down: CPU 0 serves most interrupts. First one thread of each core, then what is left. */
    for (int round = 0; round < 2; round++)
        for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && left; cpu--)
            if (CPU_ISSET(cpu, &allowed) && !CPU_ISSET(cpu, out) && (round || first_sibling(cpu) == cpu)) {
                CPU_SET(cpu, out);
                left--;
            }
    return 0;
}
