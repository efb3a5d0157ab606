// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts put together: cache, scheduler with its workers, admission and its table on disk.
#include "src/playback/segment_service.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/files.h"
#include "src/base/log.h"
#include "src/playback/scheduler.h"

namespace butaca::playback {

namespace {

constexpr std::size_t costs_most_bytes = 60U << 10;
constexpr std::chrono::milliseconds save_period{10000};

double processors_for(unsigned workers)
{
    unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(std::max(1U, workers), cores);
}

} // namespace

struct SegmentService::State {
    explicit State(const ServiceSettings &service_settings)
        : settings(service_settings), admission(processors_for(service_settings.workers)),
          costs_path(settings.cache_folder + "/costs.json")
    {
    }
    ~State() { save_costs(); }

    ServiceSettings settings;
    Admission admission;
    std::string costs_path;
    std::string costs_saved;
    std::unique_ptr<SegmentCache> cache;
    std::shared_ptr<Scheduler> scheduler;
    std::optional<Encoders> encoders;
    std::vector<std::function<void(const Encoders &)>> encoder_listeners;
    std::uint64_t memory_hits = 0; // of cached()
    Timer save;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);

    void load_costs()
    {
        if (auto text = read_file(costs_path, costs_most_bytes)) {
            admission.restore(*text);
            costs_saved = admission.to_json();
        }
    }
    // Some hundred bytes, which are worth no thread.
    void save_costs()
    {
        std::string text = admission.to_json();
        if (text == costs_saved)
            return;
        if (auto written = write_file_atomically(costs_path, text); !written)
            log::warn("segments.costs_not_saved", {{"why", written.error().message}});
        costs_saved = std::move(text);
    }
    void said_hello(const Encoders &found)
    {
        if (encoders && *encoders != found)
            log::error("worker.other_encoders");
        if (encoders)
            return;
        encoders = found;
        // From the loop itself, so that the listeners may do anything.
        post([this, weak = std::weak_ptr<bool>(alive)] {
            if (weak.expired())
                return;
            auto known = *encoders;
            for (const auto &listener : std::exchange(encoder_listeners, {}))
                listener(known);
        });
    }
};

SegmentService::SegmentService(std::unique_ptr<State> state) : state_(std::move(state)) {}
SegmentService::~SegmentService() = default;

Result<std::unique_ptr<SegmentService>> SegmentService::start(const ServiceSettings &settings)
{
    auto state = std::make_unique<State>(settings);
    if (auto made = make_directories(settings.cache_folder); !made)
        return fail(std::move(made).error().at("opening the segment cache"));
    state->load_costs();
    auto cache = SegmentCache::start(settings.cache_folder + "/segments", settings.disk_quota_bytes,
                                     settings.memory_cache_bytes);
    if (!cache)
        return fail(std::move(cache).error());
    state->cache = std::move(*cache);
    state->scheduler = std::make_shared<Scheduler>(settings, *state->cache, state->admission);
    auto started =
        state->scheduler->start([raw = state.get()](const Encoders &encoders) { raw->said_hello(encoders); });
    if (!started) {
        Error error = std::move(started).error();
        return fail(ErrorCode::unavailable, "the worker program cannot be started",
                    error.message + ": " + error.detail);
    }
    state->save.every(save_period, [raw = state.get()] { raw->save_costs(); });
    return std::unique_ptr<SegmentService>(new SegmentService(std::move(state)));
}

void SegmentService::on_encoders(
    std::function<void(const std::map<std::string, std::string, std::less<>> &)> work)
{
    if (state_->encoders)
        return work(*state_->encoders);
    state_->encoder_listeners.push_back(std::move(work));
}

std::shared_ptr<GBytes> SegmentService::cached(const SegmentKey &key)
{
    auto bytes = state_->cache->in_memory(key);
    if (bytes)
        ++state_->memory_hits;
    return bytes;
}

void SegmentService::follow(const std::shared_ptr<const JobSource> &source, std::int64_t number,
                            const std::string &viewer)
{
    state_->scheduler->follow(source, number, viewer);
}

std::unique_ptr<SegmentService::Waiter> SegmentService::get(const std::shared_ptr<const JobSource> &source,
                                                            std::int64_t number, Priority priority,
                                                            const std::string &viewer, SegmentSink sink)
{
    return state_->scheduler->get(source, number, priority, viewer, std::move(sink));
}

Status SegmentService::admit(const JobSource &source) const
{
    return state_->admission.admit(source.rendition(), source.cost_class());
}

std::uint64_t SegmentService::known_size(const SegmentKey &key) const
{
    return state_->cache->size_bytes(key);
}

SegmentService::Counters SegmentService::counters() const
{
    Counters counters = state_->scheduler->counters();
    counters.memory_hits += state_->memory_hits;
    counters.memory_bytes = state_->cache->memory_used_bytes();
    counters.disk_known = state_->cache->knows_disk();
    counters.disk_bytes = state_->cache->disk_used_bytes();
    return counters;
}

} // namespace butaca::playback
