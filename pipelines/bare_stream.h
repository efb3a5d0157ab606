// SPDX-License-Identifier: LGPL-2.1-or-later
// A bare stream (MP3, ADTS) entered at a known byte: parsers guess times after a seek, so the packets are
// counted from there instead. Belongs to the job's thread.
#pragma once

#include <memory>
#include <vector>

#include "pipelines/job.h"
#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

class BareStream {
public:
    static Result<std::unique_ptr<BareStream>> open(const Graph &graph, Activity &activity);

    // The packets from the job's byte offset until `to_ns`, with exact times.
    Result<std::vector<TimedSample>> collect(const Job &job, std::int64_t to_ns);

    // Renews the ticket where the source has one.
    void set_ticket(const std::string &ticket) { run_->renew_ticket(ticket); }

private:
    BareStream(std::unique_ptr<Run> run, Activity &activity) : run_(std::move(run)), activity_(activity) {}

    std::unique_ptr<Run> run_;
    Activity &activity_;
};

} // namespace butaca::pipelines
