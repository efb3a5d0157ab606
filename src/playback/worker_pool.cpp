// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/worker_pool.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <poll.h>

#include "src/base/log.h"

namespace butaca::playback {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds early{1000}; // a worker that dies idle before this never worked
constexpr milliseconds backoff_first{100};
constexpr milliseconds backoff_most{10000};
constexpr unsigned deaths_to_starve = 3;
constexpr milliseconds farewell{1000};

// Waits until all have ended, or the time is over.
void wait_for(std::vector<pollfd> children)
{
    auto until = Clock::now() + farewell;
    for (;;) {
        std::erase_if(children, [](const pollfd &child) { return child.fd < 0 || child.revents != 0; });
        auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (children.empty() || left.count() <= 0)
            return;
        if (::poll(children.data(), children.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            return;
    }
}

} // namespace

WorkerPool::WorkerPool(std::string path, unsigned count, milliseconds watchdog, Events events)
    : path_(std::move(path)), count_(count), watchdog_(watchdog), events_(std::move(events))
{
}

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(std::string path, unsigned count, milliseconds watchdog,
                                                      Events events)
{
    std::unique_ptr<WorkerPool> pool(
        new WorkerPool(std::move(path), std::max(1U, count), watchdog, std::move(events)));
    if (auto first = pool->add(); !first)
        return fail(std::move(first).error());
    pool->refill();
    return pool;
}

WorkerPool::~WorkerPool()
{
    std::vector<pollfd> children;
    for (auto &[id, worker] : workers_) {
        worker.process->close_socket();
        children.push_back({worker.process->pidfd(), POLLIN, 0});
    }
    wait_for(std::move(children));
}

Status WorkerPool::add()
{
    auto process = WorkerProcess::start(path_, watchdog_);
    if (!process)
        return fail(std::move(process).error());
    WorkerId id = next_id_++;
    (*process)->set_events({
        .hello = [this](const Encoders &encoders) { events_.hello(encoders); },
        .init = [this, id](std::shared_ptr<GBytes> bytes) { events_.init(id, std::move(bytes)); },
        .chunk = [this, id](std::shared_ptr<GBytes> bytes) { events_.chunk(id, std::move(bytes)); },
        .end = [this, id](const JobEnd &end) { ended(id, end); },
        .died = [this, id](bool hung) { died(id, hung); },
    });
    workers_[id] = Worker{std::move(*process), Clock::now(), 0, ++event_count_, {}};
    return {};
}

void WorkerPool::refill()
{
    while (workers_.size() < count_) {
        auto added = add();
        if (added)
            continue;
        log::error("worker.cannot_start", {{"why", added.error().message}, {"detail", added.error().detail}});
        ++early_deaths_;
        start_later();
        return;
    }
}

void WorkerPool::start_later()
{
    milliseconds delay{0};
    if (early_deaths_ > 1)
        delay = std::min(backoff_most, backoff_first * (1U << std::min(early_deaths_ - 2, 10U)));
    // Also without a delay from the loop, for this may be the death of a worker that was just begun with.
    if (!again_.running())
        again_.once(delay, [this] { refill(); });
    if (workers_.empty() && early_deaths_ >= deaths_to_starve)
        events_.starved();
}

void WorkerPool::ended(WorkerId id, const JobEnd &end)
{
    early_deaths_ = 0;
    Worker &worker = workers_[id];
    ++worker.jobs;
    worker.idle_since = ++event_count_;
    // After a failure or a cancellation its decoder stands nobody knows where.
    if (end.error)
        worker.last = {};
    events_.end(id, end);
}

void WorkerPool::died(WorkerId id, bool hung)
{
    Worker worker = std::move(workers_[id]);
    workers_.erase(id);
    bool never_worked = !worker.process->ready() ||
                        (worker.process->idle() && worker.jobs == 0 && Clock::now() - worker.started < early);
    if (never_worked)
        ++early_deaths_;
    events_.died(id, hung);
    start_later();
}

bool WorkerPool::has_idle() const
{
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const auto &entry) { return entry.second.process->idle(); });
}

std::optional<WorkerId> WorkerPool::choose(const Warmth &warmth, bool fresh) const
{
    auto rank = [&](const Worker &worker) {
        bool same = worker.jobs > 0 && worker.last.rendition == warmth.rendition;
        bool next = same && worker.last.number + 1 == warmth.number;
        bool track = worker.jobs > 0 && worker.last.track == warmth.track;
        bool new_one = fresh && worker.jobs == 0;
        return std::tuple(!new_one, !next, !same, !track, worker.idle_since);
    };
    std::optional<WorkerId> best;
    for (const auto &[id, worker] : workers_)
        if (worker.process->idle() && (!best || rank(worker) < rank(workers_.find(*best)->second)))
            best = id;
    return best;
}

void WorkerPool::begin(WorkerId id, const pipelines::Job &job, Warmth warmth)
{
    Worker &worker = workers_[id];
    worker.last = std::move(warmth);
    worker.process->begin(job);
}

void WorkerPool::cancel(WorkerId id) { workers_[id].process->cancel(); }

unsigned WorkerPool::busy() const
{
    return static_cast<unsigned>(std::count_if(workers_.begin(), workers_.end(), [](const auto &entry) {
        return entry.second.process->ready() && !entry.second.process->idle();
    }));
}

unsigned WorkerPool::cancelling() const
{
    return static_cast<unsigned>(std::count_if(workers_.begin(), workers_.end(), [](const auto &entry) {
        return entry.second.process->cancelling();
    }));
}

} // namespace butaca::playback
