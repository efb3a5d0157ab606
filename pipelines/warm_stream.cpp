// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps an original open, and lands exactly.
#include "pipelines/warm_stream.h"

#include <algorithm>
#include <array>

#include "pipelines/demuxer.h"
#include "pipelines/stream_time.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Containers round times; a keyframe within this counts as the one that was asked for.
constexpr std::int64_t rounding_ns = 1'000'000;
// Decoding on is cheaper than a jump up to here.
constexpr std::int64_t near_ns = second_ns;

Owned<GstPad> sink_pad_of(const Run &run, std::initializer_list<const char *> names)
{
    for (const char *name : names)
        if (GstElement *element = run.element(name))
            return adopt(gst_element_get_static_pad(element, "sink"));
    return nullptr;
}

} // namespace

Result<std::unique_ptr<WarmStream>> WarmStream::open(const Graph &graph, Activity &activity)
{
    std::unique_ptr<WarmStream> stream(new WarmStream(graph, activity));
    if (auto begun = stream->begin(); !begun)
        return fail(std::move(begun.error()));
    if (auto learned = stream->learn_axis(); !learned)
        return fail(std::move(learned.error()));
    return stream;
}

// Builds the pipeline and runs it until the track's first packet stands at the gate.
Status WarmStream::begin()
{
    close();
    auto run = Run::build(graph_, *activity_);
    if (!run)
        return fail(std::move(run.error()));
    run_ = std::move(*run);
    run_->renew_ticket(ticket_);
    sink_ = run_->element("sink");
    // Else it stops at the first frame after each seek until the pipeline has come back to playing, and when
    // seeks and ends of the stream follow each other closely, that never comes about (GStreamer 1.22).
    g_object_set(sink_, "async", FALSE, nullptr);
    gate_ = sink_pad_of(*run_, {"parser", "decoder", "sink"});
    entry_ = sink_pad_of(*run_, {"decoder", "sink"});
    exit_ = sink_pad_of(*run_, {"sink"});
    arrived_ = false;
    // Without the gate the decoder would work on the film's beginning, just to throw it away.
    gate_id_ = gst_pad_add_probe(
        gate_.get(), static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
        gate_probe, this, nullptr);
    gst_pad_add_probe(
        entry_.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_FLUSH), entry_probe,
        this, nullptr);
    if (demuxed_by(*run_, "matroskademux"))
        gst_pad_add_probe(gate_.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, segment_probe, this, nullptr);
    if (demuxed_by(*run_, "qtdemux"))
        leave_colours_to_the_stream(gate_.get());
    if (run_->element("decoder"))
        gst_pad_add_probe(
            exit_.get(),
            static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM),
            exit_probe, this, nullptr);
    if (auto playing = run_->play(); !playing)
        return playing;
    return run_->wait_until([this] { return arrived_.load(); });
}

// Indexes are made by one pass without a seek, so that axis counts, and each demuxer (1.22) leaves it in its
// own way. matroskademux takes the earliest time that it has met so far off all times, and that falls when
// another track turns out to begin earlier: there the index holds the packets' own times, which are firm.
// tsdemux counts from the first packet until the first seek, and
// on the file's axis after it; qtdemux moves a fragmented file by its edit list once more, and the packets of
// its first fragment themselves when it is reached through the file's own index (mfra).
Status WarmStream::learn_axis()
{
    if (!run_->element("demuxer") || demuxed_by(*run_, "matroskademux"))
        return {};
    const std::int64_t before_ns = arrived_ns_;
    const GstClockTime stamp = arrived_stamp_;
    const gsize bytes = arrived_bytes_;
    arrived_ = false;
    if (auto sought = run_->seek(GST_FORMAT_TIME, 0); !sought)
        return sought;
    if (auto arrived = run_->wait_until([this] { return arrived_.load(); }); !arrived)
        return arrived;
    // Only the very same packet tells anything.
    if (arrived_bytes_ != bytes)
        return {};
    moved_start_ = demuxed_by(*run_, "qtdemux") && arrived_stamp_ != stamp;
    if (!moved_start_)
        time_offset_ns_ = arrived_ns_ - before_ns;
    return {};
}

// Where on the demuxer's present axis a time of ours lies: seeks are told in stream time.
std::int64_t WarmStream::seek_target(std::int64_t time_ns) const
{
    return std::max<std::int64_t>(time_ns - stream_begins_ns_, 0);
}

WarmStream::~WarmStream() { close(); }

void WarmStream::close()
{
    if (gate_id_)
        gst_pad_remove_probe(gate_.get(), std::exchange(gate_id_, 0));
    run_.reset(); // before the pads, for the probes point here
}

void WarmStream::forget(bool any_keyframe)
{
    any_keyframe_ = any_keyframe;
    returned_ = {};
    position_ns_.reset();
    at_end_ = false;
}

Status WarmStream::restart()
{
    forget(true);
    offset_now_ns_ = 0;
    if (auto begun = begin(); !begun)
        return begun;
    landed_ = false;
    gst_pad_remove_probe(gate_.get(), std::exchange(gate_id_, 0));
    return run_->wait_until([this] { return landed_.load(); });
}

Status WarmStream::land(std::int64_t target_ns, bool any_keyframe)
{
    forget(any_keyframe);
    offset_now_ns_ = time_offset_ns_;
    if (auto sought = run_->seek(GST_FORMAT_TIME, seek_target(target_ns)); !sought)
        return sought;
    if (gate_id_)
        gst_pad_remove_probe(gate_.get(), std::exchange(gate_id_, 0));
    return run_->wait_until([this] { return landed_.load(); });
}

Status WarmStream::seek(std::int64_t key_ns)
{
    last_key_ns_ = INT64_MAX;
    return go_to(key_ns);
}

Result<TimedSample> WarmStream::keyframe_at(std::int64_t key_ns)
{
    last_key_ns_ = key_ns - rounding_ns;
    shows_from(key_ns - rounding_ns);
    auto sought = go_to(key_ns);
    auto picture = sought ? next() : fail(std::move(sought.error()));
    at_end_ = true;
    return picture;
}

Status WarmStream::go_to(std::int64_t key_ns)
{
    // How far before the wanted place to try, for containers that land late.
    constexpr std::array<std::int64_t, 5> back_ns{-rounding_ns, second_ns, 5 * second_ns, 30 * second_ns,
                                                  INT64_MAX / 2};
    Status landed;
    for (auto back : back_ns) {
        const bool from_start = key_ns - back <= 0;
        landed = land(std::max<std::int64_t>(key_ns - back, 0), false);
        // Just there, the axis is right. Elsewhere nobody knows which fragment this is.
        if (moved_start_ && landed)
            return std::abs(landed_ns_ - key_ns) <= rounding_ns ? landed : restart();
        if (landed && landed_ns_ <= key_ns + (landed_clean_ ? rounding_ns : -rounding_ns))
            return landed;
        if (!landed && landed.error().code != ErrorCode::unsupported)
            return landed;
        if (from_start)
            break;
    }
    // There is nothing better than the first keyframe.
    return land(0, true);
}

Result<TimedSample> WarmStream::next()
{
    if (returned_) {
        position_ns_ = returned_.time_ns;
        return std::exchange(returned_, {});
    }
    for (;;) {
        auto sample = run_->pull(sink_);
        if (!sample)
            return fail(std::move(sample.error()));
        if (!*sample) {
            at_end_ = true;
            return TimedSample{};
        }
        const auto time =
            time_of(gst_sample_get_segment(sample->get()), gst_sample_get_buffer(sample->get()));
        // Without a time it cannot be placed.
        if (!time)
            continue;
        position_ns_ = *time;
        return TimedSample{std::move(*sample), *time};
    }
}

bool WarmStream::leads_to(std::int64_t first_ns, std::int64_t key_ns) const
{
    if (at_end_ || !position_ns_)
        return false;
    if (returned_)
        return returned_.time_ns <= first_ns + rounding_ns;
    return *position_ns_ < first_ns - rounding_ns &&
           (key_ns <= *position_ns_ + rounding_ns || first_ns - *position_ns_ < near_ns);
}

} // namespace butaca::pipelines
