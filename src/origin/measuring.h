// SPDX-License-Identifier: LGPL-2.1-or-later
// The loudness of assets, measured when someone asks: one at a time, in a child process. Belongs to the main
// loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/executor.h"
#include "src/base/loop.h"
#include "src/origin/probe_child.h"
#include "src/origin/store.h"

namespace butaca::origin {

class Measuring {
public:
    using Done = std::function<void(Result<std::string>)>;

    // `store` and `disk` must outlive it.
    Measuring(ProbeJob::Settings settings, const Store &store, Executor &disk)
        : settings_(std::move(settings)), store_(store), disk_(disk)
    {
    }

    // The report (media::LoudnessReport, as text) of an asset that lies in one of `files`: from the store, or
    // once it is measured; all who ask for one are answered together. `conflict` when no file is what it was,
    // `unavailable` when too many wait.
    void get(const std::string &digest, const std::map<std::string, Stamp> &files, Done done);

private:
    void load(const std::string &digest, const std::map<std::string, Stamp> &files);
    void next();
    void measured(const std::string &digest, Result<ProbeReport> report);
    void finish(const std::string &digest, const Result<std::string> &text);

    struct Task {
        std::string digest;
        std::map<std::string, Stamp> files;
    };
    static constexpr std::size_t waiting_most = 4096;

    const ProbeJob::Settings settings_;
    const Store &store_;
    Executor &disk_;
    std::map<std::string, std::vector<Done>> waiting_;
    std::deque<Task> queue_;
    bool busy_ = false;
    std::unique_ptr<ProbeJob> job_;
    Timer end_timer_;
};

} // namespace butaca::origin
