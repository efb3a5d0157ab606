// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/sheet_maker.h"

#include <algorithm>
#include <cstring>

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "pipelines/frame_feeder.h"
#include "pipelines/sheet_graph.h"

namespace butaca::pipelines {

namespace {

// A graph from one buffer to one buffer.
class Transform {
public:
    static Result<Transform> start(const Graph &graph, Activity &activity)
    {
        auto run = Run::build(graph, activity);
        if (!run)
            return fail(std::move(run.error()));
        if (auto playing = (*run)->play(); !playing)
            return fail(std::move(playing.error()));
        return Transform(std::move(*run));
    }
    GstElement *element(const char *name) const { return run_->element(name); }
    void set_caps(GstCaps *caps) { gst_app_src_set_caps(GST_APP_SRC(run_->element("feed")), caps); }
    Status push(Owned<GstBuffer> buffer) { return run_->push(run_->element("feed"), std::move(buffer)); }
    // What came of the buffer pushed last; never null.
    Result<Owned<GstSample>> pull()
    {
        auto sample = run_->pull(run_->element("sink"));
        if (sample && !*sample)
            return fail(ErrorCode::internal, "making a picture failed", "the graph ended");
        return sample;
    }

private:
    explicit Transform(std::unique_ptr<Run> run) : run_(std::move(run)) {}
    std::unique_ptr<Run> run_;
};

// What the scaler is to make of such pictures: of a tile's size, in the film's own colours, but for HDR and
// wide gamuts, which it can map.
Owned<GstCaps> shape_of(const GstCaps *fed, const SheetJob &sheet)
{
    auto caps = adopt(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                                          static_cast<int>(sheet.tile_width), "height", G_TYPE_INT,
                                          static_cast<int>(sheet.tile_height), "pixel-aspect-ratio",
                                          GST_TYPE_FRACTION, 1, 1, nullptr));
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, fed))
        return caps;
    GstVideoColorimetry colours = info.colorimetry;
    const bool wide = colours.primaries == GST_VIDEO_COLOR_PRIMARIES_BT2020 ||
                      colours.matrix == GST_VIDEO_COLOR_MATRIX_BT2020 ||
                      colours.transfer == GST_VIDEO_TRANSFER_SMPTE2084 ||
                      colours.transfer == GST_VIDEO_TRANSFER_ARIB_STD_B67;
    if (wide || GST_VIDEO_INFO_IS_RGB(&info) || colours.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN)
        gst_video_colorimetry_from_string(&colours, GST_VIDEO_COLORIMETRY_BT709);
    colours.range = GST_VIDEO_COLOR_RANGE_16_235;
    if (const auto name = adopt(gst_video_colorimetry_to_string(&colours)))
        gst_caps_set_simple(caps.get(), "colorimetry", G_TYPE_STRING, name.get(), nullptr);
    return caps;
}

// The sheet, black at first.
class Sheet {
public:
    static Result<Sheet> make(unsigned width, unsigned height)
    {
        Sheet sheet;
        auto caps = adopt(gst_caps_from_string(sheet_caps(width, height).c_str()));
        if (!gst_video_info_from_caps(&sheet.info_, caps.get()))
            return fail(ErrorCode::internal, "a sheet of this size cannot be");
        sheet.buffer_ = adopt(gst_buffer_new_allocate(nullptr, sheet.info_.size, nullptr));
        GstVideoFrame frame;
        if (!sheet.buffer_ || !gst_video_frame_map(&frame, &sheet.info_, sheet.buffer_.get(), GST_MAP_WRITE))
            return fail(ErrorCode::internal, "there is no memory for a sheet");
        constexpr int black = 16, grey = 128;
        for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(&frame); plane++)
            std::memset(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane), plane == 0 ? black : grey,
                        static_cast<std::size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane)) *
                            static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_HEIGHT(&frame, plane)));
        gst_video_frame_unmap(&frame);
        return sheet;
    }

    // Puts a picture's upper left corner there; both even. `internal` when it does not fit.
    Status put(GstSample *picture, unsigned x, unsigned y)
    {
        GstVideoInfo small;
        GstVideoFrame from;
        GstVideoFrame to;
        if (!gst_video_info_from_caps(&small, gst_sample_get_caps(picture)) ||
            GST_VIDEO_INFO_FORMAT(&small) != GST_VIDEO_FORMAT_I420 ||
            x + static_cast<unsigned>(small.width) > static_cast<unsigned>(info_.width) ||
            y + static_cast<unsigned>(small.height) > static_cast<unsigned>(info_.height) ||
            !gst_video_frame_map(&from, &small, gst_sample_get_buffer(picture), GST_MAP_READ))
            return fail(ErrorCode::internal, "a picture does not fit into its sheet");
        const bool mapped = gst_video_frame_map(&to, &info_, buffer_.get(), GST_MAP_WRITE);
        for (guint plane = 0; mapped && plane < GST_VIDEO_FRAME_N_PLANES(&from); plane++) {
            const unsigned half = plane == 0 ? 1 : 2;
            const auto *in = static_cast<const std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&from, plane));
            auto *out = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&to, plane)) +
                        std::ptrdiff_t{y / half} * GST_VIDEO_FRAME_PLANE_STRIDE(&to, plane) + x / half;
            for (int row = 0; row < GST_VIDEO_FRAME_COMP_HEIGHT(&from, plane); row++)
                std::memcpy(out + std::ptrdiff_t{row} * GST_VIDEO_FRAME_PLANE_STRIDE(&to, plane),
                            in + std::ptrdiff_t{row} * GST_VIDEO_FRAME_PLANE_STRIDE(&from, plane),
                            static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_WIDTH(&from, plane)));
        }
        if (mapped)
            gst_video_frame_unmap(&to);
        gst_video_frame_unmap(&from);
        return mapped ? Status() : fail(ErrorCode::internal, "a sheet cannot be written to");
    }

    Owned<GstBuffer> take() { return std::move(buffer_); }

private:
    GstVideoInfo info_{};
    Owned<GstBuffer> buffer_;
};

// The frame of a tile; an empty one where a damaged source has none.
Result<TimedSample> frame_of(const Tile &tile, bool interlaced, WarmStream &frames)
{
    auto or_none = [](Result<TimedSample> frame) {
        return !frame && frame.error().code == ErrorCode::unsupported ? Result<TimedSample>(TimedSample{})
                                                                      : std::move(frame);
    };
    if (!interlaced && tile.seek_ns == tile.pts_ns) {
        auto alone = or_none(frames.keyframe_at(tile.pts_ns));
        if (!alone || *alone)
            return alone;
    }
    frames.shows_from(tile.pts_ns - tile.reach_ns);
    if (!frames.leads_to(tile.pts_ns, tile.seek_ns))
        if (auto sought = frames.seek(tile.seek_ns); !sought)
            return or_none(fail(std::move(sought.error())));
    // What was decoded ahead of the jump may still stand in the queue.
    for (;;) {
        auto frame = or_none(frames.next());
        if (!frame || !*frame || frame->time_ns >= tile.pts_ns - tile.reach_ns)
            return frame;
    }
}

Status draw(const Job &job, WarmStream &frames, Sheet &sheet, MakingNotes &notes, Activity &activity)
{
    const SheetJob &wanted = job.sheet;
    auto scaler = Transform::start(tile_graph(wanted), activity);
    if (!scaler)
        return fail(std::move(scaler.error()));
    // One picture a second; what matters is that none is like another in time.
    VideoJob clock;
    clock.timescale = 1;
    clock.keyframe = true;
    clock.interlaced = wanted.interlaced;
    clock.frame_rate_num = 1;
    for (std::size_t i = 0; i <= wanted.tiles.size(); ++i)
        clock.ticks.push_back(static_cast<std::int64_t>(i));
    FrameFeeder feeder(clock, job.origin.caps,
                       {[&](GstCaps *caps) {
                            g_object_set(scaler->element("shape"), "caps", shape_of(caps, wanted).get(),
                                         nullptr);
                            scaler->set_caps(caps);
                        },
                        [&](Owned<GstBuffer> picture) { return scaler->push(std::move(picture)); }});
    for (std::size_t i = 0; i < wanted.tiles.size(); ++i) {
        auto frame = frame_of(wanted.tiles[i], wanted.interlaced, frames);
        if (!frame)
            return fail(std::move(frame.error()));
        if (!*frame) {
            ++notes.frames_filled;
            continue;
        }
        if (auto fed = feeder.feed(frame->sample.get()); !fed)
            return fed;
        auto picture = scaler->pull();
        if (!picture)
            return fail(std::move(picture.error()));
        const auto column = static_cast<unsigned>(i % wanted.columns);
        const auto row = static_cast<unsigned>(i / wanted.columns);
        if (auto put = sheet.put(picture->get(), column * wanted.tile_width, row * wanted.tile_height); !put)
            return put;
    }
    if (notes.frames_filled == wanted.tiles.size())
        return fail(ErrorCode::unsupported, "no picture of this sheet can be decoded");
    return {};
}

} // namespace

Result<MakingNotes> make_sheet(const Job &job, WarmStream &frames, const SegmentOutput &output,
                               Activity &activity)
{
    const SheetJob &wanted = job.sheet;
    const auto tiles = static_cast<unsigned>(wanted.tiles.size());
    const unsigned width = std::min(tiles, wanted.columns) * wanted.tile_width;
    const unsigned height = (tiles + wanted.columns - 1) / wanted.columns * wanted.tile_height;
    auto sheet = Sheet::make(width, height);
    if (!sheet)
        return fail(std::move(sheet.error()));
    MakingNotes notes;
    if (auto drawn = draw(job, frames, *sheet, notes, activity); !drawn)
        return fail(std::move(drawn.error()));
    auto encoder = Transform::start(jpeg_graph(wanted), activity);
    if (!encoder)
        return fail(std::move(encoder.error()));
    auto caps = adopt(gst_caps_from_string(sheet_caps(width, height).c_str()));
    gst_caps_set_simple(caps.get(), "framerate", GST_TYPE_FRACTION, 0, 1, nullptr);
    encoder->set_caps(caps.get());
    auto buffer = sheet->take();
    GST_BUFFER_PTS(buffer.get()) = 0;
    if (auto pushed = encoder->push(std::move(buffer)); !pushed)
        return fail(std::move(pushed.error()));
    auto jpeg = encoder->pull();
    if (!jpeg)
        return fail(std::move(jpeg.error()));
    MappedBuffer map(gst_sample_get_buffer(jpeg->get()));
    if (!map)
        return fail(ErrorCode::internal, "a sheet cannot be read");
    output.chunk({reinterpret_cast<const char *>(map.bytes().data()), map.bytes().size()});
    return notes;
}

} // namespace butaca::pipelines
