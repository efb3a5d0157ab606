// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes settled files in, one at a time: names each by its bytes, has it probed in a child process, keeps the
// record and offers it. Belongs to the main loop.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "src/base/executor.h"
#include "src/base/loop.h"
#include "src/base/result.h"
#include "src/origin/catalogue.h"
#include "src/origin/listing.h"
#include "src/origin/probe_child.h"
#include "src/origin/store.h"

namespace butaca::origin {

class Intake {
public:
    struct Calls {
        // The file holds the asset `digest`, which is in the catalogue; empty: it is none of ours.
        std::function<void(const Entry &, const std::string &digest)> attach;
        // No bytes can be had of it.
        std::function<void(const Entry &, const std::string &digest, const std::string &reason)> broken;
        // It is not what it was when it was added: from the start.
        std::function<void(const std::string &path)> look_again;
        std::function<void()> idle;
    };

    // `store`, `catalogue` and `disk` outlive this.
    Intake(ProbeJob::Settings probe, Policy policy, const Store &store, Catalogue &catalogue, Executor &disk,
           Calls calls);
    ~Intake();
    Intake(const Intake &) = delete;
    Intake &operator=(const Intake &) = delete;

    void add(Entry entry);
    // Is the path waiting or being read?
    bool holds(const std::string &path) const;
    bool idle() const { return queue_.empty() && !reading_; }

private:
    struct Opened {
        std::string digest;
        std::shared_ptr<Fd> fd;
    };

    // What is kept beside record and index.
    struct Extras {
        std::vector<std::string> subtitles;
        std::string cover;
    };

    void next();
    void digested(const Entry &entry, Result<Opened> opened);
    void probed(const Entry &entry, const Opened &opened, Result<ProbeReport> report);
    void publish(const Entry &entry, media::Asset asset, std::string index, Extras extras);
    void retry(const Entry &entry);
    void finished();

    const ProbeJob::Settings probe_settings_;
    const Policy policy_;
    const Store &store_;
    Catalogue &catalogue_;
    Executor &disk_;
    const Calls calls_;
    std::deque<Entry> queue_;
    bool reading_ = false;
    std::string reading_path_;
    std::unique_ptr<ProbeJob> probe_;
    Timer end_timer_;
    std::atomic<bool> stop_{false};
    // Last, so that its thread ends before what it uses goes.
    Executor heavy_{1, 16};
};

} // namespace butaca::origin
