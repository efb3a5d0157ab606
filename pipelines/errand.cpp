// SPDX-License-Identifier: LGPL-2.1-or-later
// One job, or a list of them, from a file.
#include "pipelines/errand.h"

#include <ctime>
#include <vector>

#include <sys/stat.h>

#include "pipelines/workshop.h"
#include "src/base/files.h"

namespace butaca::pipelines {

namespace {

std::int64_t clock_ns(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * std::int64_t(1'000'000'000) + now.tv_nsec;
}

Result<std::vector<Job>> read_jobs(const std::string &path, bool &is_list)
{
    auto text = read_file(path, 64 << 20);
    if (!text)
        return fail(std::move(text.error()));
    auto document = json::Value::parse(*text, {64 << 20, 32});
    if (!document)
        return fail(std::move(document.error()));
    is_list = document->is_array();
    std::vector<json::Value> values;
    if (is_list)
        values = document->items();
    else
        values.push_back(*document);
    std::vector<Job> jobs;
    for (const auto &value : values) {
        auto job = job_from_json(value);
        if (!job)
            return fail(std::move(job.error()));
        jobs.push_back(std::move(*job));
    }
    return jobs;
}

bool do_job(Workshop &workshop, Activity &activity, const Job &job, const std::string &folder)
{
    std::string init;
    std::string segment;
    std::int64_t first_ns = 0;
    const std::int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    const std::int64_t start_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    const SegmentOutput output{[&](std::string_view bytes) { init += bytes; },
                               [&](std::string_view bytes) {
                                   if (segment.empty())
                                       first_ns = clock_ns(CLOCK_MONOTONIC) - start_ns;
                                   segment += bytes;
                               }};
    activity.begin();
    auto notes = workshop.make(job, output);
    activity.end();
    json::Writer line;
    line.begin_object().member("segment", job.segment).member("ok", notes.has_value());
    if (notes)
        line.member("frames_filled", notes->frames_filled);
    else
        line.member("code", to_string(notes.error().code))
            .member("message", notes.error().message)
            .member("detail", notes.error().detail);
    line.member("bytes", static_cast<std::uint64_t>(segment.size()));
    line.member("first_chunk_ms", static_cast<double>(first_ns) / 1e6);
    line.member("wall_ms", static_cast<double>(clock_ns(CLOCK_MONOTONIC) - start_ns) / 1e6);
    line.member("cpu_ms", static_cast<double>(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start_cpu_ns) / 1e6);
    line.end_object();
    g_print("%s\n", line.take().c_str());
    mkdir(folder.c_str(), 0777);
    return notes && write_file_atomically(folder + "/init.mp4", init) &&
           write_file_atomically(folder + "/segment.m4s", segment);
}

} // namespace

int run_errand(const std::string &job_file, const std::string &output, bool allow_files)
{
    bool is_list = false;
    auto jobs = read_jobs(job_file, is_list);
    if (!jobs) {
        g_printerr("%s: %s\n", jobs.error().message.c_str(), jobs.error().detail.c_str());
        return 2;
    }
    Activity activity;
    Workshop workshop(activity, allow_files);
    bool all = true;
    mkdir(output.c_str(), 0777);
    for (std::size_t i = 0; i < jobs->size(); ++i)
        all &= do_job(workshop, activity, (*jobs)[i], is_list ? output + "/" + std::to_string(i) : output);
    return all ? 0 : 1;
}

} // namespace butaca::pipelines
