// SPDX-License-Identifier: LGPL-2.1-or-later
// What `segmentmux` does between its pads: buffers of one stream in, buffers of CMAF chunks out. Used on the
// streaming thread only; knows nothing of elements, so it posts nothing and pushes nothing.
#pragma once

#include <deque>
#include <optional>

#include <gst/gst.h>

#include "plugins/mux/segmenter.h"
#include "plugins/mux/track.h"
#include "plugins/segmentmux_properties.h"
#include "src/base/gst.h"
#include "src/base/result.h"

namespace butaca::segmentmux {

// One track on its way through the muxer. After an error only restart() and reset() make sense.
class Stream {
public:
    Stream() { restart(); }

    // Describes the track. Errors: as track_from_caps(); unsupported when the track changes after its first
    // sample, because one init segment has to fit all segments.
    Status set_caps(const GstCaps *caps, const Settings &settings);
    // Says how buffer times map to media time. Errors: unsupported unless the format is time.
    Status set_segment(const GstSegment &segment);

    // Has to see the first sample before start(): the streams of some codecs describe themselves. Errors: as
    // configure().
    Status look_at_first(GstBuffer *sample);

    bool described() const { return track_.has_value(); }
    bool started() const { return segmenter_.has_value(); }
    // Begins, with the settings as they are now. Needs the caps.
    void start(const Settings &settings);
    // The init segment; needs the caps.
    Owned<GstBuffer> init_segment() const;

    // True where sample times may be given; needs start().
    bool at_border() const { return segmenter_->at_border(); }
    // Gives the next segment's `sample-times` and, where not null, its `decode-times`. Errors:
    // invalid_argument.
    Status begin_segment(GBytes *sample_times, GBytes *decode_times);
    // Takes a sample in decode order; needs start(). Errors: as Segmenter::add().
    Status add(Owned<GstBuffer> buffer);
    // Ends the stream; needs start(). Errors: as Segmenter::finish().
    Status finish() { return segmenter_->finish(); }
    // The next chunk that is ready, or null.
    Owned<GstBuffer> take();

    // Forgets all samples, but not the caps (after a flush).
    void restart();
    // Forgets everything.
    void reset();

private:
    Status describe(mux::Track track);
    std::optional<std::int64_t> tick_of(GstClockTime time) const;
    GstClockTime time_of(std::int64_t tick) const;
    Owned<GstBuffer> buffer_of(const mux::Chunk &chunk);

    GstSegment segment_;
    std::optional<mux::Track> track_;
    mux::Bytes init_;
    std::optional<mux::Segmenter> segmenter_;
    std::deque<Owned<GstBuffer>> samples_; // those not yet in a chunk, in decode order
};

} // namespace butaca::segmentmux
