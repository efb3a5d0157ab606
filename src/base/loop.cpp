// SPDX-License-Identifier: LGPL-2.1-or-later
// GSources whose closures GLib owns: a source that is destroyed in its own call frees its closure only after
// that call has returned.
#include "src/base/loop.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <glib-unix.h>
#include <unistd.h>

namespace butaca {

namespace {

using Work = std::function<void()>;

struct TimerCall {
    Work work;
    bool repeat;
    GSource **slot; // the Timer's; only read while the source is not destroyed, so the Timer still lives
};

struct FdCall {
    std::function<void(GIOCondition)> work;
};

template <typename T> void destroy(gpointer closure) { delete static_cast<T *>(closure); }

gboolean run_work_once(gpointer closure)
{
    (*static_cast<Work *>(closure))();
    return G_SOURCE_REMOVE;
}

gboolean run_work_again(gpointer closure)
{
    (*static_cast<Work *>(closure))();
    return G_SOURCE_CONTINUE;
}

gboolean run_timer(gpointer closure)
{
    auto *call = static_cast<TimerCall *>(closure);
    if (call->repeat) {
        call->work();
        return G_SOURCE_CONTINUE; // without effect when the call has stopped the timer
    }
    // A one-shot lets go first, so that running() is false and a restart in the call is not undone after it.
    GSource *self = std::exchange(*call->slot, nullptr);
    call->work();
    g_source_destroy(self);
    g_source_unref(self);
    return G_SOURCE_REMOVE;
}

gboolean run_fd(gint, GIOCondition condition, gpointer closure)
{
    static_cast<FdCall *>(closure)->work(condition);
    return G_SOURCE_CONTINUE;
}

void attach_here(GSource *source) { g_source_attach(source, g_main_context_get_thread_default()); }

void drop(GSource *&source)
{
    if (GSource *old = std::exchange(source, nullptr)) {
        g_source_destroy(old);
        g_source_unref(old);
    }
}

} // namespace

void post(std::function<void()> work, GMainContext *context)
{
    auto source = adopt(g_idle_source_new());
    g_source_set_priority(source.get(), G_PRIORITY_DEFAULT);
    g_source_set_callback(source.get(), run_work_once, new Work(std::move(work)), destroy<Work>);
    g_source_attach(source.get(), context);
}

void Timer::once(std::chrono::milliseconds delay, std::function<void()> work)
{
    start(delay, false, std::move(work));
}

void Timer::every(std::chrono::milliseconds period, std::function<void()> work)
{
    start(period, true, std::move(work));
}

void Timer::stop() { drop(source_); }

void Timer::start(std::chrono::milliseconds delay, bool repeat, std::function<void()> work)
{
    stop();
    auto delay_ms = std::clamp<std::chrono::milliseconds::rep>(delay.count(), 0, G_MAXINT);
    source_ = g_timeout_source_new(static_cast<guint>(delay_ms));
    g_source_set_callback(source_, run_timer, new TimerCall{std::move(work), repeat, &source_},
                          destroy<TimerCall>);
    attach_here(source_);
}

void FdWatch::start(int fd, GIOCondition condition, std::function<void(GIOCondition)> work)
{
    stop();
    source_ = g_unix_fd_source_new(fd, condition);
    // GSourceFunc is only the carrier here: g_unix_fd sources call a GUnixFDSourceFunc.
    g_source_set_callback(source_, reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(run_fd)),
                          new FdCall{std::move(work)}, destroy<FdCall>);
    attach_here(source_);
}

void FdWatch::stop() { drop(source_); }

SignalWatch::SignalWatch(int signal_number, std::function<void()> work)
    : source_(g_unix_signal_source_new(signal_number))
{
    g_source_set_callback(source_, run_work_again, new Work(std::move(work)), destroy<Work>);
    attach_here(source_);
}

SignalWatch::~SignalWatch() { drop(source_); }

Fd &Fd::operator=(Fd &&other) noexcept
{
    if (this != &other)
        reset(other.release());
    return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

void Fd::reset(int fd)
{
    // No retry on EINTR: Linux has closed the descriptor already, and its number may be someone else's by
    // now.
    if (int old = std::exchange(fd_, fd); old >= 0)
        ::close(old);
}

} // namespace butaca
