// SPDX-License-Identifier: LGPL-2.1-or-later
// What the tests of the engine share: a service with scripted workers, a source of scripted jobs, and viewers
// who collect what they get.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/playback/segment_service.h"
#include "tests/base/temporary_directory.h"

namespace butaca::playback::test {

// Turns the loop until `condition` holds; false after a time that only a broken build takes.
bool turn_until(const std::function<bool()> &condition);

// The bytes that a scripted worker makes.
std::string segment_bytes(const std::string &rendition, std::int64_t number, std::int64_t size);

class ScriptedSource final : public JobSource {
public:
    ScriptedSource(std::string rendition, std::string script)
        : rendition_(std::move(rendition)), script_(std::move(script))
    {
    }
    const std::string &rendition() const override { return rendition_; }
    std::int64_t segments() const override { return 1000; }
    std::chrono::nanoseconds duration(std::int64_t) const override { return std::chrono::seconds(2); }
    std::string cost_class() const override { return cost; }
    Result<pipelines::Job> job(std::int64_t number) const override;
    void origin_result(bool delivered) const override { results.push_back(delivered); }

    std::string cost = "test/encode";
    mutable std::vector<bool> results;
    bool origin_down = false;
    std::map<std::int64_t, std::string> scripts; // for some segments, instead of the one for all

private:
    std::string rendition_;
    std::string script_;
};

// Someone who waits for one segment.
class Viewer {
public:
    void ask(SegmentService &service, std::shared_ptr<const JobSource> source, std::int64_t number,
             Priority priority = Priority::viewer, const std::string &name = "");
    void leave() { waiter_.reset(); }
    bool over() const { return done || error; }

    std::string bytes;
    unsigned chunks = 0;
    unsigned ends = 0;
    bool done = false;
    std::optional<Error> error;

private:
    std::unique_ptr<SegmentService::Waiter> waiter_;
};

class EngineBench : public ::testing::Test {
protected:
    EngineBench();
    // A service on the bench's cache folder, with all workers ready.
    void start();
    std::shared_ptr<ScriptedSource> source(const std::string &rendition, const std::string &script = "");
    // Someone asks for the first segment and leaves when a worker has begun it.
    void look_in(const std::shared_ptr<ScriptedSource> &source);
    // The jobs begun so far, as "rendition number", in their order; or the workers' process numbers.
    std::vector<std::string> begun() const;
    std::vector<int> workers_of_jobs() const;
    // The service's worker processes.
    static std::vector<int> worker_pids();
    std::string gate(const std::string &name) const { return folder.at(name); }
    void open_gate(const std::string &name) const { std::ofstream(folder.at(name)) << "open"; }
    // Turns the loop until nothing runs or waits and all workers are alive.
    bool settle();

    butaca::test::TemporaryDirectory folder;
    ServiceSettings settings;
    std::unique_ptr<SegmentService> service;
};

} // namespace butaca::playback::test
