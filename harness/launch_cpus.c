/*
 * Which CPUs an isolated launch gets. The hardware threads of one core are told apart by the kernel's own list;
 * loading a whole topology for it would cost each run more than it is worth.
 */
#include "launch_process.h"

#include <stdio.h>

/* The first hardware thread of the core that `cpu` belongs to. */
static int first_sibling(int cpu)
{
    char path[96];
    FILE *file;
    int first = cpu;

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    file = fopen(path, "re");
    if (file && fscanf(file, "%d", &first) != 1)
        first = cpu;
    if (file)
        fclose(file);
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
