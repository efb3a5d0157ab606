// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/playback/engine_bench.h"

#include <algorithm>

#include <unistd.h>

#include "src/base/loop.h"

namespace butaca::playback::test {

bool turn_until(const std::function<bool()> &condition)
{
    bool late = false;
    Timer deadline;
    Timer look; // conditions may be about files
    deadline.once(std::chrono::seconds(60), [&] { late = true; });
    look.every(std::chrono::milliseconds(2), [] {});
    while (!late && !condition())
        g_main_context_iteration(nullptr, TRUE);
    return !late;
}

std::string segment_bytes(const std::string &rendition, std::int64_t number, std::int64_t size)
{
    std::uint64_t state = 14695981039346656037ULL;
    for (char c : rendition + "/" + std::to_string(number))
        state = (state ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    std::string bytes;
    for (std::int64_t i = 0; i < size; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        bytes += static_cast<char>(state >> 56);
    }
    return bytes;
}

Result<pipelines::Job> ScriptedSource::job(std::int64_t number) const
{
    if (origin_down)
        return fail(Error{ErrorCode::unavailable, "the server that holds this title does not answer", {}, 7});
    pipelines::Job job;
    job.rendition = rendition_;
    job.segment = static_cast<std::uint32_t>(std::max<std::int64_t>(0, number));
    job.init_only = number == init_segment;
    job.origin.scheme = "vs";
    job.origin.digest = "digest of " + rendition_;
    auto special = scripts.find(number);
    job.origin.ticket = special == scripts.end() ? script_ : special->second;
    return job;
}

void Viewer::ask(SegmentService &service, std::shared_ptr<const JobSource> source, std::int64_t number,
                 Priority priority, const std::string &name)
{
    SegmentSink sink;
    sink.chunk = [this](std::shared_ptr<GBytes> chunk) {
        gsize size = 0;
        auto data = static_cast<const char *>(g_bytes_get_data(chunk.get(), &size));
        bytes.append(data, size);
        ++chunks;
    };
    sink.done = [this] { done = true, ++ends; };
    sink.failed = [this](const Error &why) { error = why, ++ends; };
    waiter_ = service.get(std::move(source), number, priority, name, std::move(sink));
}

EngineBench::EngineBench()
{
    settings.worker_path = std::string(std::getenv("BUTACA_BUILD_ROOT")) + "/tests/playback/scripted-worker";
    settings.workers = 2;
    settings.cache_folder = folder.at("cache");
    settings.look_ahead_segments = 0;
}

void EngineBench::start()
{
    auto started = SegmentService::start(settings);
    ASSERT_TRUE(started) << started.error().detail;
    service = std::move(*started);
    bool greeted = false;
    service->on_encoders([&](const auto &) { greeted = true; });
    // Or it looks on disk for each segment first, and they come to the queue in any order.
    ASSERT_TRUE(turn_until([&] { return greeted && service->counters().disk_known; }));
}

std::shared_ptr<ScriptedSource> EngineBench::source(const std::string &rendition, const std::string &script)
{
    return std::make_shared<ScriptedSource>(rendition, "log=" + folder.at("log") + ";" + script);
}

void EngineBench::look_in(const std::shared_ptr<ScriptedSource> &source)
{
    const std::size_t before = begun().size();
    Viewer visitor;
    visitor.ask(*service, source, 0);
    ASSERT_TRUE(turn_until([&] { return begun().size() > before; }));
}

std::vector<std::string> EngineBench::begun() const
{
    std::vector<std::string> jobs;
    std::ifstream log(folder.at("log"));
    for (std::string rendition, number, pid; log >> rendition >> number >> pid;)
        jobs.push_back(rendition + " " + number);
    return jobs;
}

std::vector<int> EngineBench::workers_of_jobs() const
{
    std::vector<int> workers;
    std::ifstream log(folder.at("log"));
    std::string rendition;
    std::string number;
    for (int pid = 0; log >> rendition >> number >> pid;)
        workers.push_back(pid);
    return workers;
}

std::vector<int> EngineBench::worker_pids()
{
    std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    std::vector<int> pids;
    for (int pid = 0; list >> pid;)
        pids.push_back(pid);
    return pids;
}

bool EngineBench::settle()
{
    return turn_until([&] {
        auto now = service->counters();
        return now.queued == 0 && now.busy == 0 && now.workers == settings.workers;
    });
}

} // namespace butaca::playback::test
