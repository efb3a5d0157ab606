// SPDX-License-Identifier: LGPL-2.1-or-later
// What workers say, and what becomes of flights by it.
#include <algorithm>
#include <utility>

#include "src/base/log.h"
#include "src/playback/scheduler.h"

namespace butaca::playback {

namespace {

constexpr unsigned attempts = 2; // that may end with the worker's death
constexpr std::chrono::seconds refuse_for{30};
constexpr std::chrono::milliseconds init_cost{100}; // a guess: it is never measured by itself
constexpr unsigned retry_least_s = 2;
constexpr unsigned retry_most_s = 30;

} // namespace

void Scheduler::got_init(WorkerId worker, std::shared_ptr<GBytes> bytes)
{
    auto run = runs_.find(worker);
    if (run == runs_.end())
        return;
    SegmentKey key = run->second.flight->source->key(init_segment);
    FlightPtr flight;
    if (auto waiting = flights_.find(key); waiting != flights_.end())
        flight = waiting->second;
    if (!flight && cache_.size_bytes(key) > 0)
        return;
    cache_.keep(key, bytes, init_cost);
    if (!flight)
        return;
    // Whoever makes it just for itself may stop; but this worker's own job goes on to its end.
    leave_queue(flight);
    bool is_own_job = run->second.flight == flight;
    if (!is_own_job)
        stop_run_of(flight);
    flights_.erase(key);
    flight->finish_with(std::move(bytes));
    dispatch();
}

void Scheduler::got_chunk(WorkerId worker, std::shared_ptr<GBytes> bytes)
{
    auto run = runs_.find(worker);
    if (run == runs_.end() || run->second.flight->key.number == init_segment)
        return;
    FlightPtr flight = run->second.flight;
    auto added = flight->add(std::move(bytes));
    if (added)
        return;
    log::error("segment.impure", {{"rendition", flight->key.rendition},
                                  {"segment", flight->key.number},
                                  {"why", added.error().detail}});
    stop_run_of(flight);
    flights_.erase(flight->key);
    ++counters_.failed;
    flight->fail(std::move(added).error());
}

void Scheduler::got_end(WorkerId worker, const JobEnd &end)
{
    auto found = runs_.find(worker);
    if (found == runs_.end())
        return dispatch(); // it was cancelled
    FlightPtr flight = found->second.flight;
    runs_.erase(found);
    bool origin_failed =
        end.error && (end.error->code == ErrorCode::unavailable || end.error->code == ErrorCode::timeout);
    flight->source->origin_result(!origin_failed);
    if (flight->stage == Flight::Stage::over)
        return dispatch(); // the job of an init segment, which came already

    Result<std::shared_ptr<GBytes>> whole =
        end.error ? Result<std::shared_ptr<GBytes>>(fail(*end.error)) : flight->finish();
    if (whole) {
        admission_.learn(flight->source->cost_class(), end.cpu, flight->source->duration(flight->key.number));
        land(flight, std::move(*whole), end.cpu);
    } else {
        if (origin_failed)
            whole.error().retry_after_s = std::max(whole.error().retry_after_s, retry_least_s);
        log::warn("segment.failed", {{"rendition", flight->key.rendition},
                                     {"segment", flight->key.number},
                                     {"code", to_string(whole.error().code)},
                                     {"why", whole.error().message},
                                     {"detail", whole.error().detail}});
        flights_.erase(flight->key);
        ++counters_.failed;
        flight->fail(std::move(whole).error());
    }
    dispatch();
}

void Scheduler::land(const FlightPtr &flight, std::shared_ptr<GBytes> bytes, std::chrono::nanoseconds cost)
{
    flights_.erase(flight->key);
    if (flight->key.number != init_segment)
        ++counters_.made;
    cache_.keep(flight->key, std::move(bytes), cost);
    for (const auto &[place, numbers] : flight->then_ahead)
        make_ahead(flight->source, place, numbers);
}

void Scheduler::worker_died(WorkerId worker, bool hung)
{
    ++counters_.worker_deaths;
    auto found = runs_.find(worker);
    if (found == runs_.end())
        return;
    FlightPtr flight = found->second.flight;
    runs_.erase(found);
    if (flight->stage == Flight::Stage::over)
        return;
    if (++flight->crashes < attempts) {
        flight->stage = Flight::Stage::queued;
        if (!flight->is_wanted()) {
            abandon(flight);
            return dispatch();
        }
        ++counters_.retried;
        queue_.push_back(flight);
        return dispatch();
    }
    Error error = hung ? Error{ErrorCode::timeout, "making this part of the title took too long", {}, 0}
                       : Error{ErrorCode::internal, "this part of the title could not be made", {}, 0};
    log::error("segment.kills_workers",
               {{"rendition", flight->key.rendition}, {"segment", flight->key.number}, {"hung", hung}});
    auto now = std::chrono::steady_clock::now();
    std::erase_if(refused_, [now](const auto &entry) { return entry.second.until <= now; });
    refused_[flight->key] = {error, now + refuse_for};
    flights_.erase(flight->key);
    ++counters_.failed;
    flight->fail(std::move(error));
    dispatch();
}

// Nobody is left to do the work, and new workers do not start: whoever waits is told so.
void Scheduler::starved()
{
    for (const FlightPtr &flight : std::exchange(queue_, {})) {
        flights_.erase(flight->key);
        ++counters_.failed;
        flight->fail(
            {ErrorCode::unavailable, "the server cannot make this just now", "no workers", retry_after_s()});
    }
}

// A guess: each waiting job takes a second of one worker.
unsigned Scheduler::retry_after_s() const
{
    auto wait = static_cast<unsigned>(queue_.size()) / std::max(1U, pool_->wanted());
    return std::clamp(wait, retry_least_s, retry_most_s);
}

SegmentService::Counters Scheduler::counters() const
{
    auto counters = counters_;
    counters.workers = pool_->alive();
    counters.busy = pool_->busy();
    counters.queued = static_cast<unsigned>(queue_.size());
    return counters;
}

} // namespace butaca::playback
