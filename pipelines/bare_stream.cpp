// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes from a place, cut into packets, counted.
#include "pipelines/bare_stream.h"

#include <gst/app/gstappsink.h>

#include "pipelines/audio_graph.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Gives each packet its time: the sum of all samples before it.
class Counter {
public:
    Counter(const AudioJob &audio, std::vector<TimedSample> &packets) : audio_(audio), packets_(packets) {}

    void take(Owned<GstSample> sample)
    {
        GstBuffer *buffer = gst_sample_get_buffer(sample.get());
        // flacparse makes up a stream's headers where it met none: they hold no sound, and the caps have
        // them.
        if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER))
            return;
        const std::int64_t length =
            audio_.packet_samples > 0 ? audio_.packet_samples
            : GST_BUFFER_DURATION_IS_VALID(buffer)
                ? ticks_from(static_cast<std::int64_t>(GST_BUFFER_DURATION(buffer)), audio_.source_rate)
                : 0;
        packets_.push_back({std::move(sample), now_ns()});
        samples_ += length;
    }
    std::int64_t now_ns() const { return audio_.byte_offset_pts_ns + ns_from(samples_, audio_.source_rate); }

private:
    const AudioJob &audio_;
    std::vector<TimedSample> &packets_;
    std::int64_t samples_ = 0;
};

} // namespace

Result<std::unique_ptr<BareStream>> BareStream::open(const Graph &graph, Activity &activity)
{
    auto run = Run::build(graph, activity);
    if (!run)
        return fail(std::move(run.error()));
    auto playing = (*run)->play();
    // Before that no seek is heard.
    if (playing)
        playing = (*run)->wait_until(
            [&run] { return g_atomic_int_get(&GST_STATE((*run)->element("sink"))) == GST_STATE_PLAYING; });
    if (!playing)
        return fail(std::move(playing.error()));
    return std::unique_ptr<BareStream>(new BareStream(std::move(*run), activity));
}

Result<std::vector<TimedSample>> BareStream::collect(const Job &job, std::int64_t to_ns)
{
    std::vector<TimedSample> packets;
    Counter counter(job.audio, packets);
    auto framing = Run::build(framing_graph(job.origin.demuxer), activity_);
    if (!framing)
        return fail(std::move(framing.error()));
    auto done = (*framing)->play();
    if (done)
        done = run_->seek(GST_FORMAT_BYTES, job.audio.byte_offset);
    GstElement *feed = (*framing)->element("feed");
    GstElement *cut = (*framing)->element("sink");
    while (done && counter.now_ns() < to_ns) {
        auto bytes = run_->pull(run_->element("sink"));
        if (!bytes)
            return fail(std::move(bytes.error()));
        if (!*bytes)
            break;
        auto piece = adopt(gst_buffer_copy(gst_sample_get_buffer(bytes->get())));
        GST_BUFFER_OFFSET(piece.get()) = GST_BUFFER_OFFSET_NONE;
        done = (*framing)->push(feed, std::move(piece));
        while (auto sample = adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(cut), 0)))
            counter.take(std::move(sample));
    }
    if (done)
        done = (*framing)->finish(feed);
    while (done) {
        auto sample = (*framing)->pull(cut);
        if (!sample)
            return fail(std::move(sample.error()));
        if (!*sample)
            break;
        counter.take(std::move(*sample));
    }
    if (!done)
        return fail(std::move(done.error()));
    while (!packets.empty() && packets.back().time_ns >= to_ns)
        packets.pop_back();
    return packets;
}

} // namespace butaca::pipelines
