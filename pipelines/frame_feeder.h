// SPDX-License-Identifier: LGPL-2.1-or-later
// Decoded frames on their way into a graph that begins with `feed`: on the job's own times, with what the
// index knows of their colours, and a field at a time where they are interlaced. Belongs to the job's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pipelines/job.h"
#include "src/base/gst.h"
#include "src/base/result.h"

namespace butaca::pipelines {

// Where the pictures go.
struct FrameFeed {
    std::function<void(GstCaps *caps)> set_caps; // what the following ones are
    std::function<Status(Owned<GstBuffer> picture)> push;
};

class FrameFeeder {
public:
    // `caps` are the track's, as the index tells them. `job` outlives this.
    FrameFeeder(const VideoJob &job, const std::string &caps, FrameFeed into);

    // All pictures of the next frame, or the first one for a keyframe.
    Status feed(GstSample *sample);
    std::size_t fed() const { return frames_; }

private:
    // What the caps tell of fields.
    struct Fields {
        bool interlaced = false;       // every frame
        bool mixed = false;            // those with a flag
        std::optional<bool> top_first; // nothing: the flag of each frame tells
    };
    static Fields fields_of(const GstCaps *caps);
    Status push(GstSample *sample, unsigned field);
    void declare(GstCaps *caps);
    void know_light(GstCaps *ours);

    const VideoJob &job_;
    Owned<GstCaps> track_;
    FrameFeed into_;
    Owned<GstCaps> seen_;
    Fields fields_;
    std::size_t next_ = 0;   // picture
    std::size_t frames_ = 0; // of the source
};

} // namespace butaca::pipelines
