/*
 * An ALSA device that plays in real time and records what was heard.
 *
 * `type clocked` takes samples at exactly its rate, as a sound card does. When
 * it is closed, it writes the samples that were due by then to `file`, which
 * shows whether a program has stopped too early.
 *
 *   rate        its only rate, in Hz
 *   latency_ms  the time from the buffer to the ear
 *   vanish_ms   when it is unplugged, counted from its start; 0 for never
 *   floats      1 for a device that takes nothing but 32-bit floats in stereo;
 *               otherwise it takes 16-bit integers, mono or stereo
 *
 * The tests compile it.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    snd_pcm_ioplug_t io;
    char *path;
    long rate, latency_ms, vanish_ms, floats;
    char *bytes;          /* all that was transferred */
    size_t n_bytes, room;
    size_t frame_bytes;
    size_t first_frame;   /* of the bytes, since the last prepare */
    size_t n_heard;       /* frames, before the last prepare or stop */
    int running;
    struct timespec started;
} clocked_t;

static size_t n_written(const clocked_t *device)
{
    return device->frame_bytes ? device->n_bytes / device->frame_bytes : 0;
}

static long long elapsed_ms(const clocked_t *device)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - device->started.tv_sec) * 1000LL
        + (now.tv_nsec - device->started.tv_nsec) / 1000000;
}

static int has_vanished(const clocked_t *device)
{
    return device->vanish_ms && device->running && elapsed_ms(device) >= device->vanish_ms;
}

/* Frames since the start that are due, `late_ms` after they left the buffer. */
static size_t due(const clocked_t *device, long late_ms)
{
    long long ms = elapsed_ms(device) - late_ms;
    return device->running && ms > 0 ? (size_t)(ms * device->rate / 1000) : 0;
}

static size_t available(const clocked_t *device)
{
    return n_written(device) - device->first_frame;
}

static size_t position(const clocked_t *device, long late_ms)
{
    size_t frames = due(device, late_ms);
    return frames < available(device) ? frames : available(device);
}

static int clocked_start(snd_pcm_ioplug_t *io)
{
    clocked_t *device = io->private_data;
    clock_gettime(CLOCK_MONOTONIC, &device->started);
    device->running = 1;
    return 0;
}

static int clocked_stop(snd_pcm_ioplug_t *io)
{
    clocked_t *device = io->private_data;
    if (device->running)
        device->n_heard = device->first_frame + position(device, device->latency_ms);
    device->running = 0;
    return 0;
}

static int clocked_prepare(snd_pcm_ioplug_t *io)
{
    clocked_t *device = io->private_data;
    if (has_vanished(device))
        return -ENODEV;
    device->frame_bytes = (device->floats ? 4 : 2) * io->channels;
    device->first_frame = n_written(device);
    device->running = 0;
    return 0;
}

static snd_pcm_sframes_t clocked_pointer(snd_pcm_ioplug_t *io)
{
    clocked_t *device = io->private_data;
    if (has_vanished(device))
        return -ENODEV;
    /* Nothing left to play: an underrun, as with a card. */
    if (device->running && due(device, 0) >= available(device))
        return -EPIPE;
    return position(device, 0) % io->buffer_size;
}

static int clocked_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay)
{
    clocked_t *device = io->private_data;
    size_t queued = available(device) - position(device, 0);
    *delay = queued + device->latency_ms * device->rate / 1000;
    return 0;
}

static snd_pcm_sframes_t clocked_transfer(snd_pcm_ioplug_t *io,
    const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
    clocked_t *device = io->private_data;
    size_t n_bytes = size * device->frame_bytes;
    if (has_vanished(device))
        return -ENODEV;
    if (device->n_bytes + n_bytes > device->room) {
        device->room = 2 * (device->n_bytes + n_bytes);
        device->bytes = realloc(device->bytes, device->room);
        if (!device->bytes)
            return -ENOMEM;
    }
    memcpy(device->bytes + device->n_bytes,
        (char *)areas[0].addr + offset * device->frame_bytes, n_bytes);
    device->n_bytes += n_bytes;
    return size;
}

static int clocked_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int n_fds,
    unsigned short *revents)
{
    clocked_t *device = io->private_data;
    size_t queued = available(device) - position(device, 0);
    snd_pcm_uframes_t period = io->period_size;
    uint64_t ticks;
    (void)n_fds;
    if (read(fds[0].fd, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
        return -errno;
    *revents = has_vanished(device) ? POLLERR | POLLNVAL
        : queued + period <= io->buffer_size ? POLLOUT : 0;
    return 0;
}

static int clocked_close(snd_pcm_ioplug_t *io)
{
    clocked_t *device = io->private_data;
    FILE *file;
    clocked_stop(io);
    file = fopen(device->path, "wb");
    if (file) {
        fwrite(device->bytes, device->frame_bytes, device->n_heard, file);
        fclose(file);
    }
    close(io->poll_fd);
    free(device->bytes);
    free(device->path);
    free(device);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = clocked_start,
    .stop = clocked_stop,
    .prepare = clocked_prepare,
    .pointer = clocked_pointer,
    .delay = clocked_delay,
    .transfer = clocked_transfer,
    .poll_revents = clocked_revents,
    .close = clocked_close,
};

static int limit(snd_pcm_ioplug_t *io, const clocked_t *device)
{
    const unsigned access = SND_PCM_ACCESS_RW_INTERLEAVED, rate = device->rate;
    const unsigned format = device->floats ? SND_PCM_FORMAT_FLOAT_LE : SND_PCM_FORMAT_S16_LE;
    int failed = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, &access);
    if (failed >= 0)
        failed = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, &format);
    if (failed >= 0)
        failed = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS,
            device->floats ? 2 : 1, 2);
    if (failed >= 0)
        failed = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    if (failed >= 0)
        failed = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 8192, 8192);
    if (failed >= 0)
        failed = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 8);
    return failed;
}

static int open_clocked(clocked_t *device, snd_pcm_t **pcm, const char *name,
    snd_pcm_stream_t stream, int mode)
{
    const struct itimerspec every_2_ms = {{0, 2000000}, {0, 2000000}};
    snd_pcm_ioplug_t *io = &device->io;
    int failed;
    io->version = SND_PCM_IOPLUG_VERSION;
    io->name = "Clocked test device";
    io->callback = &callbacks;
    io->private_data = device;
    io->poll_events = POLLIN;
    io->poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (io->poll_fd < 0)
        return -errno;
    timerfd_settime(io->poll_fd, 0, &every_2_ms, NULL);
    failed = snd_pcm_ioplug_create(io, name, stream, mode);
    if (failed < 0)
        return failed;
    *pcm = io->pcm;
    failed = limit(io, device);
    if (failed < 0)
        snd_pcm_ioplug_delete(io);
    return failed;
}

SND_PCM_PLUGIN_DEFINE_FUNC(clocked)
{
    snd_config_iterator_t i, next;
    clocked_t *device = calloc(1, sizeof *device);
    (void)root;
    if (!device)
        return -ENOMEM;
    snd_config_for_each(i, next, conf) {
        snd_config_t *entry = snd_config_iterator_entry(i);
        const char *id, *path;
        if (snd_config_get_id(entry, &id) < 0)
            continue;
        if (!strcmp(id, "file") && snd_config_get_string(entry, &path) >= 0)
            device->path = strdup(path);
        else if (!strcmp(id, "rate"))
            snd_config_get_integer(entry, &device->rate);
        else if (!strcmp(id, "latency_ms"))
            snd_config_get_integer(entry, &device->latency_ms);
        else if (!strcmp(id, "vanish_ms"))
            snd_config_get_integer(entry, &device->vanish_ms);
        else if (!strcmp(id, "floats"))
            snd_config_get_integer(entry, &device->floats);
    }
    return open_clocked(device, pcmp, name, stream, mode);
}

SND_PCM_PLUGIN_SYMBOL(clocked);
