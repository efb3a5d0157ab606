// SPDX-License-Identifier: LGPL-2.1-or-later
// The pipeline that turns frames or packets into one finished segment. Fresh for every segment. Belongs to
// the job's thread; chunks leave from a streaming thread as soon as they exist.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

#include "pipelines/run.h"

namespace butaca::pipelines {

// Takes what a job makes, in order. Called from one streaming thread at a time; may block, which slows the
// making down.
struct SegmentOutput {
    std::function<void(std::string_view bytes)> init;
    std::function<void(std::string_view bytes)> chunk;
};

class SegmentRun {
public:
    // `output` must outlive the run. With `init_only` no chunk is given out.
    static Result<std::unique_ptr<SegmentRun>> start(const Graph &graph, bool init_only,
                                                     const SegmentOutput &output, Activity &activity);

    // Says what the following buffers are; null or the same caps again change nothing.
    void set_caps(GstCaps *caps);
    Status push(Owned<GstBuffer> buffer) { return run_->push(feed_, std::move(buffer)); }
    // Ends the stream and waits until all has come out: with `init_only` just the init segment.
    Status finish();

private:
    SegmentRun(const SegmentOutput &output, Activity &activity, bool init_only)
        : output_(output), activity_(activity), init_only_(init_only)
    {
    }
    void take_sample();

    const SegmentOutput &output_;
    Activity &activity_;
    bool init_only_;
    std::atomic<bool> has_init_ = false;
    std::atomic<bool> has_media_ = false;
    std::unique_ptr<Run> run_; // last: it stops before the rest goes
    GstElement *feed_ = nullptr;
    GstElement *sink_ = nullptr;
};

} // namespace butaca::pipelines
