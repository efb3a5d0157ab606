// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/conversion.h"

namespace butaca::video {

namespace {

constexpr unsigned row_alignment = 63; // as a mask: 64 bytes

template <typename Sample> Sample *row(GstVideoFrame &frame, unsigned component, int y)
{
    auto *start = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, component));
    return reinterpret_cast<Sample *>(start + static_cast<std::ptrdiff_t>(y) *
                                                  GST_VIDEO_FRAME_COMP_STRIDE(&frame, component));
}

// Colours over black, for 4:4:4 of 10 bits with straight alpha.
void over_black(GstVideoFrame &from, GstVideoFrame &to, bool full_range)
{
    constexpr int opaque = 1023, half = opaque / 2;
    for (unsigned component = 0; component < 3; component++) {
        const int black = component > 0 ? 512 : full_range ? 0 : 64;
        for (int y = 0; y < GST_VIDEO_FRAME_HEIGHT(&from); y++) {
            const auto *in = row<std::uint16_t>(from, component, y), *alpha = row<std::uint16_t>(from, 3, y);
            auto *out = row<std::uint16_t>(to, component, y);
            for (int x = 0; x < GST_VIDEO_FRAME_WIDTH(&from); x++) {
                const int over = (in[x] - black) * std::min<int>(alpha[x], opaque);
                out[x] = static_cast<std::uint16_t>(black + (over + (over < 0 ? -half : half)) / opaque);
            }
        }
    }
}

void map_light(const ToneMap &tone, GstVideoFrame &rgb)
{
    for (int y = 0; y < GST_VIDEO_FRAME_HEIGHT(&rgb); y++)
        tone.apply(row<std::uint16_t>(rgb, 0, y), row<std::uint16_t>(rgb, 1, y),
                   row<std::uint16_t>(rgb, 2, y), static_cast<unsigned>(GST_VIDEO_FRAME_WIDTH(&rgb)));
}

bool changes_light(const GstVideoInfo &from, const GstVideoInfo &to)
{
    return is_wide(from.colorimetry) && !is_wide(to.colorimetry);
}

} // namespace

std::unique_ptr<OwnFrame> OwnFrame::make(GstVideoFormat format, int width, int height)
{
    std::unique_ptr<OwnFrame> own(new OwnFrame);
    GstVideoAlignment alignment;
    gst_video_alignment_reset(&alignment);
    for (unsigned &mask : alignment.stride_align)
        mask = row_alignment;
    if (!gst_video_info_set_format(&own->info_, format, static_cast<guint>(width),
                                   static_cast<guint>(height)) ||
        !gst_video_info_align(&own->info_, &alignment))
        return nullptr;
    GstAllocationParams params;
    gst_allocation_params_init(&params);
    params.align = row_alignment;
    own->buffer_ = adopt(gst_buffer_new_allocate(nullptr, own->info_.size, &params));
    if (!own->buffer_)
        return nullptr;
    // What kernels read past a row must be the same in every run.
    gst_buffer_memset(own->buffer_.get(), 0, 0, own->info_.size);
    own->mapped_ = gst_video_frame_map(&own->frame_, &own->info_, own->buffer_.get(), GST_MAP_READWRITE);
    return own->mapped_ ? std::move(own) : nullptr;
}

OwnFrame::~OwnFrame()
{
    if (mapped_)
        gst_video_frame_unmap(&frame_);
}

std::unique_ptr<Conversion> Conversion::make(const GstVideoInfo &from, const GstVideoInfo &to,
                                             double peak_nits, std::string &why)
{
    std::unique_ptr<Conversion> made(new Conversion);
    GstVideoInfo source = from;
    if (GST_VIDEO_INFO_HAS_ALPHA(&from)) {
        made->opaque_ = OwnFrame::make(GST_VIDEO_FORMAT_Y444_10LE, from.width, from.height);
        if (!made->opaque_) {
            why = "no memory for a picture";
            return nullptr;
        }
        source = made->opaque_->info();
        source.colorimetry = from.colorimetry;
        source.chroma_site = from.chroma_site;
    }
    if (!changes_light(from, to)) {
        made->first_ = ZimgGraph::make(source, to, why);
        return made->first_ ? std::move(made) : nullptr;
    }
    made->rgb_ = OwnFrame::make(GST_VIDEO_FORMAT_GBR_12LE, to.width, to.height);
    if (!made->rgb_) {
        why = "no memory for a picture";
        return nullptr;
    }
    made->tone_ = std::make_unique<ToneMap>(from.colorimetry, peak_nits);
    made->first_ = ZimgGraph::make(source, made->rgb_->info(), why);
    if (made->first_)
        made->second_ = ZimgGraph::make(made->rgb_->info(), to, why);
    return made->second_ ? std::move(made) : nullptr;
}

bool Conversion::process(GstVideoFrame &from, GstVideoFrame &to)
{
    GstVideoFrame *source = &from;
    if (opaque_) {
        over_black(from, opaque_->frame(), from.info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255);
        source = &opaque_->frame();
    }
    if (!tone_)
        return first_->process(*source, to);
    if (!first_->process(*source, rgb_->frame()))
        return false;
    map_light(*tone_, rgb_->frame());
    return second_->process(rgb_->frame(), to);
}

} // namespace butaca::video
