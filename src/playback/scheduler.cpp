// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asked for: flights, the queue, who gets a worker. What workers say is in scheduler_events.cpp.
#include "src/playback/scheduler.h"

#include <algorithm>

#include "src/base/log.h"

namespace butaca::playback {

namespace {

constexpr std::chrono::milliseconds tidy_period{5000};

// Keeps one who waits; going away is how one stops waiting.
class HeldWaiter final : public SegmentService::Waiter {
public:
    HeldWaiter(std::shared_ptr<Waiting> waiting, std::shared_ptr<Flight> flight,
               std::weak_ptr<Scheduler> scheduler)
        : waiting_(std::move(waiting)), flight_(std::move(flight)), scheduler_(std::move(scheduler))
    {
    }
    ~HeldWaiter() override
    {
        waiting_->closed = true;
        if (auto scheduler = scheduler_.lock())
            scheduler->left(flight_, waiting_->priority);
    }

private:
    std::shared_ptr<Waiting> waiting_;
    std::shared_ptr<Flight> flight_;
    std::weak_ptr<Scheduler> scheduler_;
};

} // namespace

Scheduler::Scheduler(const ServiceSettings &settings, SegmentCache &cache, Admission &admission)
    : settings_(settings), cache_(cache), admission_(admission), look_ahead_(settings.look_ahead_segments)
{
}

Scheduler::~Scheduler()
{
    pool_.reset();
    for (auto &[key, flight] : flights_)
        flight->fail({ErrorCode::unavailable, "the server is stopping", {}, 0});
}

Status Scheduler::start(std::function<void(const Encoders &)> hello)
{
    WorkerPool::Events events;
    events.hello = [this, hello = std::move(hello)](const Encoders &encoders) {
        hello(encoders);
        dispatch();
    };
    events.init = [this](WorkerId id, std::shared_ptr<GBytes> bytes) { got_init(id, std::move(bytes)); };
    events.chunk = [this](WorkerId id, std::shared_ptr<GBytes> bytes) { got_chunk(id, std::move(bytes)); };
    events.end = [this](WorkerId id, const JobEnd &end) { got_end(id, end); };
    events.died = [this](WorkerId id, bool hung) { worker_died(id, hung); };
    events.starved = [this] { starved(); };
    auto pool =
        WorkerPool::start(settings_.worker_path, settings_.workers, settings_.watchdog, std::move(events));
    if (!pool)
        return fail(std::move(pool).error());
    pool_ = std::move(*pool);
    return {};
}

std::unique_ptr<SegmentService::Waiter> Scheduler::get(const std::shared_ptr<const JobSource> &source,
                                                       std::int64_t number, Priority priority,
                                                       const std::string &viewer, SegmentSink sink)
{
    SegmentKey key = source->key(number);
    if (flights_.contains(key))
        ++counters_.joined;
    FlightPtr flight = take_off(key, source);
    auto waiting = Flight::join(flight, priority, std::move(sink));
    auto held = std::make_unique<HeldWaiter>(waiting, flight, weak_from_this());
    if (priority == Priority::viewer) {
        flight->goes_on |= given_up_.take(key);
        follow(source, number, viewer);
    }
    // A flight that waits in the queue may have become more urgent.
    dispatch();
    return held;
}

void Scheduler::follow(const std::shared_ptr<const JobSource> &source, std::int64_t number,
                       const std::string &viewer)
{
    if (viewer.empty() || number < 0 || number >= source->segments())
        return;
    auto advice = look_ahead_.asked(viewer, source->rendition(), number, source->segments());
    want_no_more(advice.place, advice.dropped);
    // Who jumps waits: nothing else is made beside that segment, and what follows it comes when it has
    // landed.
    auto jumped_to = flights_.find(source->key(number));
    if (advice.jump && jumped_to != flights_.end())
        jumped_to->second->then_ahead[advice.place] = advice.wanted;
    else
        make_ahead(source, advice.place, advice.wanted);
    if (!tidy_.running())
        tidy_.every(tidy_period, [this] {
            for (const auto &gone : look_ahead_.forget_left())
                want_no_more(gone.place, gone.dropped);
            if (look_ahead_.empty())
                tidy_.stop();
        });
    dispatch();
}

void Scheduler::make_ahead(const std::shared_ptr<const JobSource> &source, const std::string &place,
                           const std::vector<std::int64_t> &numbers)
{
    for (std::int64_t number : numbers) {
        SegmentKey key = source->key(number);
        if (cache_.size_bytes(key) > 0 || refused_.contains(key))
            continue;
        FlightPtr flight = take_off(key, source);
        if (flight->stage != Flight::Stage::over)
            flight->wanted_ahead.insert(place);
    }
}

// The flight for a segment: the one under way, or a new one, which may be over already.
Scheduler::FlightPtr Scheduler::take_off(const SegmentKey &key,
                                         const std::shared_ptr<const JobSource> &source)
{
    auto known = flights_.find(key);
    if (known != flights_.end())
        return known->second;
    auto flight = std::make_shared<Flight>(key, source);
    flight->order = ++order_;
    if (auto bytes = cache_.in_memory(key)) {
        ++counters_.memory_hits;
        flight->finish_with(std::move(bytes));
    } else if (key.number < init_segment || key.number >= source->segments()) {
        flight->fail({ErrorCode::not_found, "there is no such segment", {}, 0});
    } else if (auto refused = refused_.find(key);
               refused != refused_.end() && std::chrono::steady_clock::now() < refused->second.until) {
        flight->fail(refused->second.error);
    } else {
        flights_[key] = flight;
        cache_.may_be_on_disk(key) ? read_from_disk(flight) : enqueue(flight);
    }
    return flight;
}

void Scheduler::read_from_disk(const FlightPtr &flight)
{
    flight->stage = Flight::Stage::reading;
    cache_.read(flight->key, [weak = weak_from_this(), flight](std::shared_ptr<GBytes> bytes) {
        auto self = weak.lock();
        if (!self || flight->stage != Flight::Stage::reading)
            return;
        if (bytes) {
            ++self->counters_.disk_hits;
            self->flights_.erase(flight->key);
            flight->finish_with(std::move(bytes));
        } else if (flight->is_wanted()) {
            self->enqueue(flight);
            self->dispatch();
        } else {
            self->flights_.erase(flight->key);
            flight->stage = Flight::Stage::over;
        }
    });
}

// Puts a flight in the queue; the caller dispatches once those who want it have joined.
void Scheduler::enqueue(const FlightPtr &flight)
{
    if (queue_.size() >= settings_.queue_most && !make_room_in_queue()) {
        flights_.erase(flight->key);
        ++counters_.failed;
        flight->fail(
            {ErrorCode::unavailable, "the server is busy just now", "the queue is full", retry_after_s()});
        return;
    }
    flight->stage = Flight::Stage::queued;
    queue_.push_back(flight);
}

void Scheduler::leave_queue(const FlightPtr &flight) { std::erase(queue_, flight); }

// Gives up what is only wanted ahead, the latest first.
bool Scheduler::make_room_in_queue()
{
    for (auto entry = queue_.rbegin(); entry != queue_.rend(); ++entry)
        if (FlightPtr flight = *entry; !flight->has_waiters()) {
            flight->wanted_ahead.clear();
            abandon(flight);
            return true;
        }
    return false;
}

// What nobody waits for yet leaves one worker alone, so that a viewer who comes rarely waits even for a
// cancellation; thumbnails do the same, and those that nobody asked for go alone.
bool Scheduler::may_begin(Priority priority) const
{
    const unsigned most = std::max(1U, pool_->wanted() - 1);
    const unsigned small = running(Priority::thumbnail) + running(Priority::idle);
    if (priority == Priority::look_ahead)
        return running(Priority::look_ahead) < most;
    if (priority == Priority::thumbnail)
        return small < most;
    if (priority == Priority::idle)
        return small == 0 && pool_->busy() + 1 < pool_->wanted();
    return true;
}

Scheduler::FlightPtr Scheduler::next_in_queue() const
{
    FlightPtr next;
    auto rank = [](const FlightPtr &flight) { return std::pair(flight->priority(), flight->order); };
    for (const FlightPtr &flight : queue_)
        if ((!next || rank(flight) < rank(next)) && may_begin(flight->priority()))
            next = flight;
    return next;
}

void Scheduler::dispatch()
{
    while (FlightPtr flight = next_in_queue()) {
        if (!pool_->has_idle())
            return preempt();
        begin(flight);
    }
}

void Scheduler::begin(const FlightPtr &flight)
{
    leave_queue(flight);
    auto job = flight->source->job(flight->key.number);
    if (!job) {
        flights_.erase(flight->key);
        ++counters_.failed;
        flight->fail(std::move(job).error());
        return;
    }
    job->id = next_job_id_++;
    WorkerPool::Warmth warmth{flight->source->rendition(), flight->key.number,
                              job->origin.digest + "/" + job->origin.pad};
    auto worker = pool_->choose(warmth, flight->crashes > 0);
    flight->stage = Flight::Stage::running;
    flight->begin_attempt();
    Priority priority = flight->priority();
    ++(priority >= Priority::thumbnail ? counters_.sheets : counters_.jobs);
    if (priority == Priority::look_ahead)
        ++counters_.look_ahead;
    if (priority <= Priority::look_ahead)
        admission_.worked(flight->key.rendition, flight->source->cost_class());
    runs_[*worker] = {flight, ++order_};
    pool_->begin(*worker, *job, std::move(warmth));
}

// Frees workers for viewers who wait, and from what nobody waits for: stops what is less urgent and puts it
// back into the queue. Its bytes so far are not lost to those who have them: the next attempt makes the same
// ones.
void Scheduler::preempt()
{
    auto waiting = [this](Priority least) {
        return std::count_if(queue_.begin(), queue_.end(),
                             [least](const FlightPtr &flight) { return flight->priority() <= least; });
    };
    const auto viewers = waiting(Priority::viewer);
    const auto all = waiting(Priority::thumbnail);
    for (auto coming = static_cast<std::ptrdiff_t>(pool_->cancelling()); coming < all; ++coming) {
        const Priority stopped = coming < viewers ? Priority::look_ahead : Priority::idle;
        auto victim = runs_.end();
        auto rank = [](const Run &run) { return std::pair(run.flight->priority(), run.order); };
        for (auto run = runs_.begin(); run != runs_.end(); ++run)
            if (run->second.flight->priority() >= stopped &&
                run->second.flight->stage == Flight::Stage::running &&
                (victim == runs_.end() || rank(run->second) > rank(victim->second)))
                victim = run;
        if (victim == runs_.end())
            return;
        FlightPtr flight = victim->second.flight;
        WorkerId worker = victim->first;
        runs_.erase(victim);
        flight->stage = Flight::Stage::queued;
        queue_.push_back(flight);
        ++counters_.cancelled;
        pool_->cancel(worker);
    }
}

void Scheduler::left(const FlightPtr &flight, Priority priority)
{
    if (flight->stage == Flight::Stage::over || flight->is_wanted())
        return;
    if (flight->stage == Flight::Stage::running && priority == Priority::viewer)
        given_up_.note(flight->key);
    abandon(flight);
    dispatch();
}

// Ends a flight that nobody wants. What is being read from disk is soon there anyway.
void Scheduler::abandon(const FlightPtr &flight)
{
    if (flight->stage == Flight::Stage::reading || flight->stage == Flight::Stage::over)
        return;
    leave_queue(flight);
    stop_run_of(flight);
    flights_.erase(flight->key);
    flight->stage = Flight::Stage::over;
    ++counters_.cancelled;
}

bool Scheduler::stop_run_of(const FlightPtr &flight)
{
    auto run = std::find_if(runs_.begin(), runs_.end(),
                            [&](const auto &entry) { return entry.second.flight == flight; });
    if (run == runs_.end())
        return false;
    WorkerId worker = run->first;
    runs_.erase(run);
    pool_->cancel(worker);
    return true;
}

void Scheduler::want_no_more(const std::string &place, const std::vector<std::int64_t> &numbers)
{
    // Not by key: that may be another rendition's.
    std::vector<FlightPtr> dropped;
    for (const auto &[key, flight] : flights_)
        if (flight->wanted_ahead.contains(place) &&
            std::find(numbers.begin(), numbers.end(), key.number) != numbers.end())
            dropped.push_back(flight);
    for (const auto &flight : dropped) {
        flight->wanted_ahead.erase(place);
        if (!flight->is_wanted())
            abandon(flight);
    }
}

unsigned Scheduler::running(Priority priority) const
{
    return static_cast<unsigned>(std::count_if(runs_.begin(), runs_.end(), [priority](const auto &entry) {
        return entry.second.flight->priority() == priority;
    }));
}

} // namespace butaca::playback
