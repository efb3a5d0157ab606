// SPDX-License-Identifier: LGPL-2.1-or-later
// Which scaler should videotranscode use? Scales the same frames of a real film with every candidate, on one
// thread, and prints CPU time as a ratio to the first candidate, with two measures of quality: SSIM of the
// small picture against a lanczos reference computed in doubles, and SSIM of the film against the small
// picture enlarged again (which does not favour the candidate that has the reference's own kernel). Usage:
// scalers FILM START_SECONDS FRAMES OUT_WIDTH OUT_HEIGHT
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "bench/picture_quality.h"
#include "bench/scaler_candidates.h"
#include "src/base/gst.h"

namespace {

using namespace butaca;
using namespace butaca::bench;

std::vector<Picture> decode(const char *path, double start_s, int frames)
{
    std::vector<Picture> film;
    Owned<GError> error;
    auto pipeline = sink(gst_parse_launch("filesrc name=file ! decodebin ! videoconvert n-threads=1 ! "
                                          "video/x-raw,format=I420 ! appsink name=out sync=false",
                                          Out(error)));
    if (!pipeline)
        return film;
    auto file = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "file"));
    auto out = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    g_object_set(file.get(), "location", path, nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    while (static_cast<int>(film.size()) < frames) {
        auto sample = adopt(gst_app_sink_pull_sample(GST_APP_SINK(out.get())));
        if (!sample)
            break;
        GstBuffer *buffer = gst_sample_get_buffer(sample.get());
        if (GST_BUFFER_PTS(buffer) < static_cast<GstClockTime>(start_s * GST_SECOND))
            continue;
        GstVideoInfo info;
        GstVideoFrame frame;
        if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample.get())) ||
            !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
            break;
        Picture &picture = film.emplace_back(info.width, info.height);
        for (std::size_t i = 0; i < 3; i++) {
            const Plane &p = picture.plane(i);
            for (int y = 0; y < p.height; y++)
                std::copy_n(static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i)) +
                                static_cast<std::ptrdiff_t>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i),
                            p.width, p.data + static_cast<std::ptrdiff_t>(y) * p.stride);
        }
        gst_video_frame_unmap(&frame);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return film;
}

double cpu_s()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc != 6) {
        std::fprintf(stderr, "usage: %s FILM START_SECONDS FRAMES OUT_WIDTH OUT_HEIGHT\n", argv[0]);
        return 2;
    }
    const std::vector<Picture> film = decode(argv[1], std::atof(argv[2]), std::atoi(argv[3]));
    if (film.empty()) {
        std::fprintf(stderr, "no frames\n");
        return 1;
    }
    const Plane &full = film.front().plane(0);
    const Picture shape(std::atoi(argv[4]), std::atoi(argv[5]));
    std::printf("%zu frames, %dx%d -> %dx%d\n%-38s %9s %9s %10s %10s\n", film.size(), full.width, full.height,
                shape.plane(0).width, shape.plane(0).height, "", "CPU ratio", "ms/frame", "SSIM to ref",
                "SSIM back");
    // Quality needs few frames, and the reference is slow.
    const std::size_t stride = std::max<std::size_t>(1, film.size() / 8);
    double first_s = 0;
    for (const Candidate &candidate : candidates(film.front(), shape)) {
        Picture small(shape.plane(0).width, shape.plane(0).height);
        candidate.scale(film.front(), small);
        double best_s = 1e9;
        for (int round = 0; round < 3; round++) {
            const double start = cpu_s();
            for (const Picture &picture : film)
                candidate.scale(picture, small);
            best_s = std::min(best_s, cpu_s() - start);
        }
        first_s = first_s > 0 ? first_s : best_s;
        double luma = 0, chroma = 0, back = 0;
        int seen = 0;
        for (std::size_t i = 0; i < film.size(); i += stride, seen++) {
            Picture reference(shape.plane(0).width, shape.plane(0).height), large(full.width, full.height);
            scale_exactly(film[i], reference);
            candidate.scale(film[i], small);
            scale_exactly(small, large);
            luma += ssim(reference.plane(0), small.plane(0));
            chroma +=
                (ssim(reference.plane(1), small.plane(1)) + ssim(reference.plane(2), small.plane(2))) / 2;
            back += ssim(film[i].plane(0), large.plane(0));
        }
        std::printf("%-38s %9.2f %9.3f    %.5f Y %.5f C  %.5f\n", candidate.name.c_str(), best_s / first_s,
                    1000 * best_s / static_cast<double>(film.size()), luma / seen, chroma / seen,
                    back / seen);
    }
    return 0;
}
