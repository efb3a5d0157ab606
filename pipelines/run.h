// SPDX-License-Identifier: LGPL-2.1-or-later
// One live pipeline, made from a Graph. Belongs to the thread that works on a job: that thread pushes, pulls
// and waits; only handle() callbacks come from streaming threads. Every wait ends when the job is cancelled,
// when the pipeline posts an error, or when nothing has moved for `stuck_after_ms`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "pipelines/activity.h"
#include "pipelines/graph.h"
#include "src/base/gst.h"
#include "src/base/result.h"

namespace butaca::pipelines {

class Run {
public:
    // Makes the elements and links them; nothing flows yet. `unsupported` when an element is not installed.
    // `activity` must outlive the run.
    static Result<std::unique_ptr<Run>> build(const Graph &graph, Activity &activity);
    // Stops the pipeline; blocks until its threads are gone.
    ~Run();
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    // Lets it flow.
    Status play();
    // Jumps, dropping everything in flight. In time: each stream goes on from its own last keyframe up to
    // `position`; decoders drop what ends before it. (With KEY_UNIT qtdemux would move all streams to where
    // an audio packet begins, and the video a whole group of pictures further back.)
    Status seek(GstFormat format, std::int64_t position);
    // Waits until `ready` holds, looking again whenever wake() is called.
    Status wait_until(const std::function<bool()> &ready);
    // Thread-safe: makes wait_until() look again.
    void wake();

    // The next sample of an appsink; null at the end of the stream.
    Result<Owned<GstSample>> pull(GstElement *sink);
    // Gives an appsrc a buffer; blocks while its queue is full.
    Status push(GstElement *source, Owned<GstBuffer> buffer);
    // Ends an appsrc's stream.
    Status finish(GstElement *source);
    // Waits for the end of stream to reach the sinks.
    Status wait_for_end();

    // A node by name; borrowed, valid while the run lives. Null when there is none.
    GstElement *element(std::string_view name) const;
    // Gives the source, where it takes one, a ticket that lasts longer.
    void renew_ticket(const std::string &ticket);

    // The first error that the pipeline posted, or that the job is over (cancelled, stuck).
    Status trouble();

private:
    Run(Activity &activity, Owned<GstElement> pipeline);
    Status make_nodes(const Graph &graph);
    Status make_links(const Graph &graph);

    struct LateLink;
    Activity &activity_;
    Owned<GstElement> pipeline_;
    Owned<GstBus> bus_;
    std::vector<std::unique_ptr<LateLink>> late_links_;
    bool ended_ = false;
};

} // namespace butaca::pipelines
