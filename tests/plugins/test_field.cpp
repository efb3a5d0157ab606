// SPDX-License-Identifier: LGPL-2.1-or-later
// One field as a picture: its own rows untouched, nothing of the other field.
#include <cstdint>
#include <string>

#include <gst/video/video.h>
#include <gtest/gtest.h>

#include "plugins/video/field.h"
#include "src/base/gst.h"

using namespace butaca;

namespace {

struct Picture {
    GstVideoInfo info{};
    Owned<GstBuffer> buffer;
    GstVideoFrame frame{};

    Picture(GstVideoFormat format, unsigned width, unsigned height)
    {
        gst_video_info_set_format(&info, format, width, height);
        buffer = adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
        gst_buffer_memset(buffer.get(), 0, 0, info.size);
        EXPECT_TRUE(gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_READWRITE));
    }
    ~Picture() { gst_video_frame_unmap(&frame); }
    Picture(const Picture &) = delete;
    Picture &operator=(const Picture &) = delete;

    template <typename Sample = std::uint8_t> Sample &at(unsigned component, int x, int y)
    {
        auto *row = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, component)) +
                    y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, component);
        return reinterpret_cast<Sample *>(row)[x];
    }
};

} // namespace

TEST(Field, TakesNothingFromTheOtherField)
{
    for (const bool top : {true, false}) {
        Picture in(GST_VIDEO_FORMAT_I420, 32, 18), out(GST_VIDEO_FORMAT_I420, 32, 18);
        for (unsigned c = 0; c < 3; c++)
            for (int y = 0; y < (c ? 9 : 18); y++)
                for (int x = 0; x < (c ? 16 : 32); x++)
                    in.at(c, x, y) = (y % 2 == 0) == top ? 100 : 200;
        video::show_field(in.frame, out.frame, top);
        for (unsigned c = 0; c < 3; c++)
            for (int y = 0; y < (c ? 9 : 18); y++)
                for (int x = 0; x < (c ? 16 : 32); x++)
                    ASSERT_EQ(out.at(c, x, y), 100) << top << " " << c << " " << x << " " << y;
    }
}

TEST(Field, FollowsASlantingEdge)
{
    // A black and a white half along a line that moves by one sample in each row.
    Picture in(GST_VIDEO_FORMAT_I420, 64, 32), out(GST_VIDEO_FORMAT_I420, 64, 32);
    const auto value = [](int x, int y) { return x > y + 16 ? 235 : 16; };
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 64; x++)
            in.at(0, x, y) = static_cast<std::uint8_t>(y % 2 == 0 ? value(x, y) : 77);
    video::show_field(in.frame, out.frame, true);
    for (int y = 1; y < 31; y += 2)
        for (int x = 0; x < 64; x++)
            EXPECT_EQ(out.at(0, x, y), value(x, y)) << x << " " << y;
}

TEST(Field, ManagesTheSmallestAndDeepestPictures)
{
    for (const unsigned height : {2U, 3U, 4U, 5U}) {
        for (const bool top : {true, false}) {
            Picture in(GST_VIDEO_FORMAT_I420_10LE, 2, height), out(GST_VIDEO_FORMAT_I420_10LE, 2, height);
            for (unsigned y = 0; y < height; y++)
                in.at<std::uint16_t>(0, 1, static_cast<int>(y)) = (y % 2 == 0) == top ? 940 : 64;
            video::show_field(in.frame, out.frame, top);
            for (unsigned y = 0; y < height; y++)
                EXPECT_EQ(out.at<std::uint16_t>(0, 1, static_cast<int>(y)), 940) << height << top << y;
        }
    }
}
