// SPDX-License-Identifier: LGPL-2.1-or-later
// Between buffers and the Segmenter: nanoseconds to ticks on the way in, bytes and flags on the way out.
#include "plugins/segmentmux_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "plugins/mux/init_segment.h"
#include "plugins/segmentmux_caps.h"

namespace butaca::segmentmux {
namespace {

// No sane time is near it, and sums of two stay inside 64 bits.
constexpr guint64 most_tick = guint64{1} << 61;

} // namespace

Status Stream::set_caps(const GstCaps *caps, const Settings &settings)
{
    TrackWishes wishes{settings.timescale, std::nullopt, settings.language};
    if (settings.opus_pre_skip != opus_pre_skip_of_stream)
        wishes.opus_pre_skip = static_cast<std::uint16_t>(settings.opus_pre_skip);
    auto track = track_from_caps(caps, wishes);
    if (!track)
        return fail(std::move(track.error()));
    track->edit_media_time = settings.write_edit_list ? settings.composition_shift : 0;
    if (configured_by_stream(track->codec)) {
        if (started() && track_->codec == track->codec)
            track->configuration = track_->configuration;
        if (!started()) {
            track_ = std::move(*track);
            return {};
        }
    }
    return describe(std::move(*track));
}

Status Stream::describe(mux::Track track)
{
    auto init = mux::init_segment(track);
    if (!init)
        return fail(std::move(init.error()));
    if (started() && *init != init_)
        return fail(ErrorCode::unsupported,
                    "the stream changed in the middle: no single init segment fits it");
    track_ = std::move(track);
    init_ = std::move(*init);
    return {};
}

Status Stream::look_at_first(GstBuffer *sample)
{
    if (!configured_by_stream(track_->codec))
        return {};
    mux::Track track = *track_;
    if (Status configured = configure(track, sample); !configured)
        return configured;
    return describe(std::move(track));
}

Status Stream::set_segment(const GstSegment &segment)
{
    if (segment.format != GST_FORMAT_TIME)
        return fail(ErrorCode::unsupported, "the input is not timed");
    segment_ = segment;
    return {};
}

void Stream::start(const Settings &settings)
{
    mux::SegmenterOptions options;
    options.codec = track_->codec;
    options.timescale = track_->timescale;
    options.chunk_samples = settings.chunk_samples;
    options.first_chunk_samples = settings.first_chunk_samples;
    options.sequence_number = settings.sequence_number;
    options.composition_shift = settings.composition_shift;
    options.write_styp = settings.write_styp;
    options.write_sidx = settings.write_sidx;
    if (settings.base_decode_time != base_decode_time_unset)
        options.base_decode_time = static_cast<std::int64_t>(std::min(settings.base_decode_time, most_tick));
    segmenter_.emplace(options);
}

Owned<GstBuffer> Stream::init_segment() const
{
    auto buffer = adopt(gst_buffer_new_memdup(init_.data(), init_.size()));
    GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_HEADER);
    return buffer;
}

// Stream time, because encoders move their timestamps and segment together (x264enc by a thousand hours) to
// make room for negative decode times.
std::optional<std::int64_t> Stream::tick_of(GstClockTime time) const
{
    if (!GST_CLOCK_TIME_IS_VALID(time))
        return std::nullopt;
    guint64 stream_time = 0;
    const int sign = gst_segment_to_stream_time_full(&segment_, GST_FORMAT_TIME, time, &stream_time);
    const guint64 tick = gst_util_uint64_scale_round(stream_time, track_->timescale, GST_SECOND);
    if (sign == 0 || tick > most_tick)
        return std::nullopt;
    return sign * static_cast<std::int64_t>(tick);
}

GstClockTime Stream::time_of(std::int64_t tick) const
{
    return gst_util_uint64_scale_round(static_cast<guint64>(tick), GST_SECOND, track_->timescale);
}

Status Stream::begin_segment(GBytes *sample_times, GBytes *decode_times)
{
    auto bytes_of = [](GBytes *bytes) -> std::span<const std::uint8_t> {
        gsize size = 0;
        const auto *data =
            bytes ? static_cast<const std::uint8_t *>(g_bytes_get_data(bytes, &size)) : nullptr;
        return {data, size};
    };
    auto grid = mux::Grid::from_bytes(bytes_of(sample_times), bytes_of(decode_times));
    if (!grid)
        return fail(std::move(grid.error()));
    return segmenter_->begin_grid(std::move(*grid));
}

Status Stream::add(Owned<GstBuffer> buffer)
{
    // FLAC's and Opus's parsers repeat the stream header in front of the frames; the init segment holds it
    // already.
    const bool headed = track_->codec == mux::Codec::flac || track_->codec == mux::Codec::opus;
    if (headed && GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_HEADER))
        return {};
    const gsize size = gst_buffer_get_size(buffer.get());
    if (size > std::numeric_limits<std::int32_t>::max())
        return fail(ErrorCode::too_large, "a sample is larger than 2 GiB");
    const GstClockTime pts = GST_BUFFER_PTS(buffer.get());
    mux::Arrival arrival;
    arrival.size_bytes = static_cast<std::uint32_t>(size);
    arrival.start = tick_of(pts);
    if (GST_CLOCK_TIME_IS_VALID(pts) && GST_BUFFER_DURATION_IS_VALID(buffer.get()))
        arrival.end = tick_of(pts + GST_BUFFER_DURATION(buffer.get()));
    // Each frame of sound decodes by itself, whatever an encoder marked.
    arrival.sync =
        !mux::is_video(track_->codec) || !GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    arrival.disposable = GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DROPPABLE);
    samples_.push_back(std::move(buffer));
    return segmenter_->add(arrival);
}

Owned<GstBuffer> Stream::take()
{
    const auto chunk = segmenter_->take();
    return chunk ? buffer_of(*chunk) : nullptr;
}

Owned<GstBuffer> Stream::buffer_of(const mux::Chunk &chunk)
{
    auto buffer = adopt(gst_buffer_new_allocate(nullptr, chunk.head.size() + chunk.payload_bytes, nullptr));
    {
        MappedBuffer map(buffer.get(), GST_MAP_WRITE);
        auto left = map.writable();
        std::ranges::copy(chunk.head, left.begin());
        left = left.subspan(chunk.head.size());
        for (std::size_t i = 0; i < chunk.samples; i++) {
            left = left.subspan(gst_buffer_extract(samples_.front().get(), 0, left.data(), left.size()));
            samples_.pop_front();
        }
    }
    GST_BUFFER_PTS(buffer.get()) = GST_BUFFER_DTS(buffer.get()) = time_of(chunk.start);
    GST_BUFFER_DURATION(buffer.get()) = time_of(chunk.end) - time_of(chunk.start);
    if (!chunk.starts_with_sync)
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    if (chunk.last)
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_MARKER);
    return buffer;
}

void Stream::restart()
{
    segmenter_.reset();
    samples_.clear();
    gst_segment_init(&segment_, GST_FORMAT_TIME);
}

void Stream::reset()
{
    restart();
    track_.reset();
    init_.clear();
}

} // namespace butaca::segmentmux
