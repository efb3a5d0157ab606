// SPDX-License-Identifier: LGPL-2.1-or-later
// Drives encoder and muxer for one segment.
#include "pipelines/segment_run.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

namespace butaca::pipelines {

Result<std::unique_ptr<SegmentRun>> SegmentRun::start(const Graph &graph, bool init_only,
                                                      const SegmentOutput &output, Activity &activity)
{
    std::unique_ptr<SegmentRun> self(new SegmentRun(output, activity, init_only));
    auto run = Run::build(graph, activity);
    if (!run)
        return fail(std::move(run.error()));
    self->run_ = std::move(*run);
    self->feed_ = self->run_->element("feed");
    self->sink_ = self->run_->element("sink");
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink *, gpointer data) noexcept {
        static_cast<SegmentRun *>(data)->take_sample();
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(self->sink_), &callbacks, self.get(), nullptr);
    if (auto playing = self->run_->play(); !playing)
        return fail(std::move(playing.error()));
    return self;
}

void SegmentRun::take_sample()
{
    auto sample = adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink_), 0));
    GstBuffer *buffer = sample ? gst_sample_get_buffer(sample.get()) : nullptr;
    if (!buffer || activity_.cancelled())
        return;
    MappedBuffer map(buffer);
    if (!map)
        return;
    const std::string_view bytes(reinterpret_cast<const char *>(map.bytes().data()), map.bytes().size());
    activity_.moved();
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER)) {
        output_.init(bytes);
        has_init_ = true;
        run_->wake();
    } else if (!init_only_) {
        has_media_ = true;
        output_.chunk(bytes);
    }
    activity_.moved();
}

void SegmentRun::set_caps(GstCaps *caps) { gst_app_src_set_caps(GST_APP_SRC(feed_), caps); }

Status SegmentRun::finish()
{
    auto finished = run_->finish(feed_);
    if (init_only_) {
        if (finished)
            finished = run_->wait_until([this] { return has_init_.load(); });
        // The muxer misses the frames that it was promised. It says so after the init segment, so whether
        // that is heard first is a matter of luck, and of no interest.
        return has_init_ ? Status() : finished;
    }
    if (!finished)
        return finished;
    if (auto ended = run_->wait_for_end(); !ended)
        return ended;
    if (!has_init_ || !has_media_)
        return fail(ErrorCode::internal, "making the segment failed", "nothing came out of the muxer");
    return {};
}

} // namespace butaca::pipelines
