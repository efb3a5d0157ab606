// SPDX-License-Identifier: LGPL-2.1-or-later
// Patches of known colours through every kind of source: red, green, blue and grey come out as they went in.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pipelines/workshop.h"
#include "src/base/files.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

constexpr std::size_t patch_width = 80, height = 128, patches = 4, width = patches * patch_width;
using Colour = std::array<int, 3>;
constexpr std::array<Colour, patches> colours{{{200, 30, 30}, {30, 180, 40}, {40, 50, 200}, {128, 128, 128}}};

std::string output_of(const std::string &command)
{
    std::string bytes;
    FILE *pipe = popen(command.c_str(), "r");
    std::vector<char> part(1U << 16);
    for (std::size_t read = 0; pipe && (read = fread(part.data(), 1, part.size(), pipe)) > 0;)
        bytes.append(part.data(), read);
    if (pipe)
        pclose(pipe);
    return bytes;
}

struct Case {
    const char *name;
    const char *convert; // of RGB to what is encoded
    const char *encoder;
    const char *caps;
    double shown = 1; // how opaque it is
    bool grey = false;
    const char *suffix = ".mkv", *demuxer = "matroskademux";
};
void PrintTo(const Case &one, std::ostream *out) { *out << one.name; }

std::string make_film(const Case &one)
{
    std::string path = testing::TempDir() + one.name + one.suffix;
    const std::string size = ":s=80x128:r=25:d=0.2,format=rgb24";
    const std::string made =
        output_of("ffmpeg -v error -y -f lavfi -i color=0xC81E1E" + size + " -f lavfi -i color=0x1EB428" +
                  size + " -f lavfi -i color=0x2832C8" + size + " -f lavfi -i color=0x808080" + size +
                  " -filter_complex \"[0][1][2][3]hstack=4," + one.convert + "\" " + one.encoder + " " +
                  path + " 2>&1");
    EXPECT_EQ(made, "");
    return path;
}

std::string made_of(const std::string &path, const std::string &demuxer, const std::string &caps)
{
    auto jobs = video_jobs(file_origin(path, demuxer, "video_0", caps), 25, 1, 5);
    if (jobs.empty())
        return {};
    jobs[0].video.width = width, jobs[0].video.height = height;
    jobs[0].video.constant_quality = 10;
    std::string whole;
    const SegmentOutput output{[&](std::string_view bytes) { whole += bytes; },
                               [&](std::string_view bytes) { whole += bytes; }};
    Activity activity;
    Workshop workshop(activity, true);
    activity.begin();
    auto notes = workshop.make(jobs[0], output);
    activity.end();
    if (!notes)
        ADD_FAILURE() << notes.error().message << ": " << notes.error().detail;
    return whole;
}

// The mean colour in the middle of each patch, as ffmpeg understands what the stream says of itself.
std::vector<std::array<double, 3>> patches_of(const std::string &film)
{
    const std::string path = testing::TempDir() + "butaca-colours.mp4";
    if (!write_file_atomically(path, film))
        return {};
    const std::string rgb = output_of("ffmpeg -v error -i " + path +
                                      " -vf scale=flags=bicubic+accurate_rnd+full_chroma_int -frames:v 1 "
                                      "-pix_fmt rgb24 -f rawvideo -");
    const std::string said =
        output_of("ffprobe -v error -show_entries stream=color_range,color_space,pix_fmt "
                  "-of csv=p=0 " +
                  path);
    EXPECT_TRUE(said == "yuv420p,tv,bt709\n" || said == "yuv420p,tv,smpte170m\n" ||
                said == "yuv420p,tv,bt470bg\n")
        << said;
    remove(path.c_str());
    if (rgb.size() != width * height * 3)
        return {};
    std::vector<std::array<double, 3>> result(patches);
    for (std::size_t patch = 0; patch < patches; patch++)
        for (std::size_t c = 0; c < 3; c++) {
            double sum = 0;
            for (std::size_t y = 32; y < 96; y++)
                for (std::size_t x = 20; x < 60; x++)
                    sum += static_cast<unsigned char>(rgb[(y * width + patch * patch_width + x) * 3 + c]);
            result[patch][c] = sum / (64 * 40);
        }
    return result;
}

class Colours : public testing::TestWithParam<Case> {};

constexpr const char *avc = "video/x-h264, stream-format=(string)avc, alignment=(string)au";
constexpr const char *ffv1 = "video/x-ffv, ffvversion=(int)1";
constexpr const char *jpeg = "image/jpeg";

} // namespace

TEST_P(Colours, ComeOutAsTheyWentIn)
{
    const Case &one = GetParam();
    const auto path = make_film(one);
    const auto found = patches_of(made_of(path, one.demuxer, one.caps));
    remove(path.c_str());
    ASSERT_EQ(found.size(), patches);
    for (std::size_t patch = 0; patch < patches; patch++)
        for (std::size_t c = 0; c < 3; c++) {
            const Colour &in = colours[patch];
            const double wanted =
                one.grey ? 0.299 * in[0] + 0.587 * in[1] + 0.114 * in[2] : in[c] * one.shown;
            EXPECT_NEAR(found[patch][c], wanted, 3.5) << "patch " << patch << ", channel " << c;
        }
}

INSTANTIATE_TEST_SUITE_P(
    Made, Colours,
    testing::Values(
        Case{"709", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
             "-c:v libx264 -crf 4 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv",
             avc},
        Case{"601", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p",
             "-c:v libx264 -crf 4 -colorspace smpte170m -color_range tv", avc},
        Case{"untagged", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", "-c:v libx264 -crf 4",
             avc},
        Case{"full709", "scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p",
             "-c:v libx264 -crf 4 -colorspace bt709 -color_range pc", avc},
        Case{"full-untagged", "scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p",
             "-c:v libx264 -crf 4 -color_range pc", avc},
        Case{"full709-mp4", "scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p",
             "-c:v libx264 -crf 4 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range pc",
             avc, 1, false, ".mp4", "qtdemux"},
        Case{"422", "scale=out_color_matrix=bt709:out_range=tv,format=yuv422p",
             "-c:v libx264 -crf 4 -colorspace bt709", avc},
        Case{"444", "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p",
             "-c:v libx264 -crf 4 -colorspace bt709", avc},
        Case{"ten-bit", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p10le",
             "-c:v libx264 -crf 4 -colorspace bt709", avc},
        Case{"ten-bit-422", "scale=out_color_matrix=bt709:out_range=tv,format=yuv422p10le",
             "-c:v libx264 -crf 4 -colorspace bt709", avc},
        Case{"twelve-bit", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p12le",
             "-c:v ffv1 -colorspace bt709", ffv1},
        Case{"jpeg", "scale=out_color_matrix=bt601:out_range=pc,format=yuvj444p", "-c:v mjpeg -q:v 1", jpeg},
        Case{"jpeg-422", "scale=out_color_matrix=bt601:out_range=pc,format=yuvj422p", "-c:v mjpeg -q:v 1",
             jpeg},
        Case{"rgb", "format=bgr0", "-c:v ffv1", ffv1},
        Case{"rgb-avc", "format=gbrp", "-c:v libx264rgb -crf 4 -pix_fmt rgb24", avc},
        Case{"grey", "scale=out_color_matrix=bt601:out_range=pc,format=gray", "-c:v ffv1", ffv1, 1, true},
        Case{"half-transparent", "format=rgba,colorchannelmixer=aa=0.5,format=bgra", "-c:v ffv1", ffv1,
             0.502},
        Case{"half-transparent-yuv",
             "format=rgba,colorchannelmixer=aa=0.5,scale=out_color_matrix=bt601:out_range=tv,format=yuva420p",
             "-c:v ffv1", ffv1, 0.502}));
