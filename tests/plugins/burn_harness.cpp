// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/plugins/burn_harness.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace test_support {

using butaca::adopt;
using butaca::Out;
using butaca::Owned;

BurnHarness::BurnHarness(const std::string &caps)
    : harness_(gst_harness_new("subtitleburn")), bus_(gst_bus_new())
{
    gst_element_set_bus(harness_->element, bus_.get());
    const auto all = adopt(gst_caps_from_string(("video/x-raw,framerate=25/1," + caps).c_str()));
    EXPECT_TRUE(gst_video_info_from_caps(&info_, all.get())) << caps;
    gst_harness_set_src_caps(harness_, gst_caps_ref(all.get()));
}

BurnHarness::~BurnHarness()
{
    gst_element_set_bus(harness_->element, nullptr);
    gst_harness_teardown(harness_);
}

void BurnHarness::set_script(const std::string &script)
{
    g_object_set(element(), "script", script.c_str(), nullptr);
}

void BurnHarness::set_pictures(GVariant *pictures) { g_object_set(element(), "pictures", pictures, nullptr); }

Owned<GstBuffer> BurnHarness::frame(std::int64_t time_ns, unsigned luma, unsigned chroma) const
{
    auto buffer = adopt(gst_buffer_new_allocate(nullptr, info_.size, nullptr));
    GstVideoFrame frame;
    if (!gst_video_frame_map(&frame, &info_, buffer.get(), GST_MAP_WRITE))
        return nullptr;
    for (unsigned i = 0; i < GST_VIDEO_FRAME_N_PLANES(&frame); i++) {
        const auto rows = static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_HEIGHT(&frame, i));
        const std::size_t size = rows * static_cast<std::size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i));
        auto *data = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i));
        if (GST_VIDEO_INFO_COMP_DEPTH(&info_, 0) == 8)
            std::fill_n(data, size, static_cast<std::uint8_t>(i ? chroma : luma));
        else
            std::fill_n(reinterpret_cast<std::uint16_t *>(data), size / 2,
                        static_cast<std::uint16_t>(i ? chroma : luma));
    }
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(time_ns);
    GST_BUFFER_DURATION(buffer.get()) = 40 * GST_MSECOND;
    return buffer;
}

Owned<GstBuffer> BurnHarness::push(Owned<GstBuffer> frame)
{
    flow_ = gst_harness_push(harness_, frame.release());
    return adopt(gst_harness_try_pull(harness_));
}

std::string BurnHarness::trouble() const
{
    const auto message = adopt(gst_bus_pop_filtered(
        bus_.get(), static_cast<GstMessageType>(int{GST_MESSAGE_ERROR} | int{GST_MESSAGE_WARNING})));
    if (!message)
        return "";
    Owned<GError> error;
    Owned<char> detail;
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message.get(), Out(error), Out(detail));
    else
        gst_message_parse_warning(message.get(), Out(error), Out(detail));
    return std::string(error->message) + " " + (detail ? detail.get() : "");
}

std::vector<std::uint16_t> BurnHarness::plane(GstBuffer *buffer, unsigned number) const
{
    std::vector<std::uint16_t> codes;
    GstVideoFrame frame;
    if (!buffer || !gst_video_frame_map(&frame, &info_, buffer, GST_MAP_READ)) {
        ADD_FAILURE() << "no frame";
        return codes;
    }
    const bool paired = number == 1 && GST_VIDEO_INFO_N_PLANES(&info_) == 2;
    const int width = GST_VIDEO_FRAME_COMP_WIDTH(&frame, number) * (paired ? 2 : 1);
    for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, number); y++) {
        const auto *row = static_cast<const std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, number)) +
                          static_cast<std::ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, number);
        for (int x = 0; x < width; x++)
            codes.push_back(GST_VIDEO_INFO_COMP_DEPTH(&info_, 0) == 8
                                ? row[x]
                                : reinterpret_cast<const std::uint16_t *>(row)[x]);
    }
    gst_video_frame_unmap(&frame);
    return codes;
}

std::string ass_document(const std::vector<std::string> &dialogues)
{
    std::string text =
        "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n"
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
        "Italic, "
        "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, "
        "MarginL, "
        "MarginR, MarginV, Encoding\n"
        "Style: Default,Noto "
        "Sans,24,&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,1,0,2,20,20,"
        "18,1\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    for (const std::string &line : dialogues)
        text += "Dialogue: " + line + "\n";
    return text;
}

} // namespace test_support
